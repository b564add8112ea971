// SPDX-License-Identifier: GPL-2.0-only
// What a copy brings: between whom, of which size, at which alignment; and through the bindings.
import { copyFromProcess, copyToProcess, isSystemError } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { sweepAlignments } from '../src/calls/alignment-sweep.js';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, newWays, type Way } from '../src/calls/ways.js';
import { defineTable, defineTest } from '../src/needs/define-test.js';
import { describeDifference, pageSize, patternBytes } from '../src/process/pattern.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const seed = 0x5eed;
const canary = 0x99;
const unprivileged = 65534;
const mebibyte = 2 ** 20;

const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;

/** Who calls, whose memory it is, and the id by which the call names that one. */
interface Parties {
	caller: TestProcess;
	target: TestProcess;
	pid: number;
}

/** How caller and target are related. */
interface Relation {
	who: string;
	prepare: (t: ExecutionContext) => Promise<Parties>;
}

const siblings: Relation = {
	who: 'a sibling',
	prepare: async (t) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		return { caller, target, pid: target.id };
	},
};

const withinOneProcess: readonly Relation[] = [
	{
		who: 'itself',
		prepare: async (t) => {
			const process = await startProcess(t);
			return { caller: process, target: process, pid: process.id };
		},
	},
	{
		who: 'its own process, by a thread',
		prepare: async (t) => {
			const process = await startProcess(t);
			return { caller: await process.thread(), target: process, pid: process.id };
		},
	},
	{
		who: 'its own thread',
		prepare: async (t) => {
			const process = await startProcess(t);
			return { caller: process, target: process, pid: (await process.thread()).id };
		},
	},
	{
		who: 'a brother thread',
		prepare: async (t) => {
			const process = await startProcess(t);
			const [caller, target] = [await process.thread(), await process.thread()];
			return { caller, target, pid: target.id };
		},
	},
];

const betweenProcesses: readonly Relation[] = [
	{
		who: 'its child',
		prepare: async (t) => {
			const caller = await startProcess(t);
			const target = await caller.fork();
			return { caller, target, pid: target.id };
		},
	},
	{
		who: 'its parent',
		prepare: async (t) => {
			const target = await startProcess(t);
			return { caller: await target.fork(), target, pid: target.id };
		},
	},
	{
		who: "a sibling's thread",
		prepare: async (t) => {
			const { caller, target } = await siblings.prepare(t);
			return { caller, target, pid: (await target.thread()).id };
		},
	},
	{
		who: 'a thread whose leader has ended',
		prepare: async (t) => {
			const { caller, target } = await siblings.prepare(t);
			return { caller, target, pid: await target.retire() };
		},
	},
	{
		who: "another user's process, by root",
		prepare: async (t) => {
			const parties = await siblings.prepare(t);
			await parties.target.become({ user: unprivileged });
			return parties;
		},
	},
	{
		who: "a process of one's own, by a user",
		prepare: async (t) => {
			const parties = await siblings.prepare(t);
			for (const process of [parties.caller, parties.target]) {
				await process.become({ user: unprivileged });
				await process.dumpable(1);
			}
			// Yama would only let its ancestors.
			await parties.target.allowTracer(-1).catch(ignoreMissingYama);
			return parties;
		},
	},
];

/** Where there is no Yama, nobody needs its leave. */
function ignoreMissingYama(error: unknown): void {
	const EINVAL = 22;
	if (!(error instanceof Error && 'errno' in error && error.errno === EINVAL)) {
		throw error;
	}
}

/** Bytes that a destination is longer than what is copied there, on either side. */
const margin = 64;

/**
 * Copies of these sizes, each begun at another place in a page: whole, in place, and with
 * nothing touched around them.
 */
async function copySizes(
	t: ExecutionContext,
	way: Way,
	{ caller, target, pid }: Parties,
	sizes: readonly number[],
): Promise<void> {
	const pages = Math.ceil(Math.max(...sizes) / pageSize) + 2;
	const [address, buffer] = [
		await target.map('anonymous', pages),
		await caller.map('anonymous', pages),
	];
	const [source, from, sink, to] =
		way.direction === 'from'
			? ([target, address, caller, buffer] as const)
			: ([caller, buffer, target, address] as const);
	for (const size of sizes) {
		const start = BigInt((size * 13) % pageSize);
		const place = BigInt(margin + ((size * 29) % (pageSize - 2 * margin)));
		const around = place - BigInt(margin);
		await source.fill(from + start, size, seed);
		await sink.set(to + around, size + 2 * margin, canary);
		const outcome = await caller.copy(way, {
			pid: BigInt(pid),
			address: address + (way.direction === 'from' ? start : place),
			length: BigInt(size),
			buffer: buffer + (way.direction === 'from' ? place : start),
		});
		const what = `${way.name}, ${size} bytes`;
		expectOutcome(t, outcome, size, what);
		t.is(await sink.check(to + place, size, seed), 'same', `${what}: what was copied`);
		t.is(await sink.all(to + around, margin, canary), 'same', `${what}: before it`);
		t.is(await sink.all(to + place + BigInt(size), margin, canary), 'same', `${what}: behind it`);
	}
}

const smallSizes = [1, 2, 3, 7, 8, 9, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097];
const largeSizes = [65535, 65536, 65537, 2 * mebibyte - 1, 2 * mebibyte, 2 * mebibyte + 1];

/** All calls with the same processes: to start them takes longer than the copies. */
function defineSizes(relations: readonly Relation[], sizes: readonly number[]): void {
	defineTable({
		rows: relations,
		title: ({ who }) => `${sizes.length} sizes from 1 to ${sizes.at(-1)} bytes, with ${who}`,
		needs: { root: true, systemCalls: allWays.map(({ name }) => name) },
		check: async (t, { prepare }) => {
			const parties = await prepare(t);
			for (const way of allWays) {
				await copySizes(t, way, parties, sizes);
			}
		},
	});
}

defineSizes([siblings, ...withinOneProcess], [...smallSizes, ...largeSizes]);
defineSizes(betweenProcesses, [1, 4097, 65537]);

defineTable({
	rows: newWays,
	title: (way) => `${way.name}: 64 MiB in one call`,
	needs: needsOf,
	check: async (t, way) => copySizes(t, way, await siblings.prepare(t), [64 * mebibyte]),
});

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: every alignment of both ends around a page boundary`,
	needs: needsOf,
	check: async (t, way) => {
		const swept = await sweepAlignments(way, await siblings.prepare(t), seed);
		t.is(swept, `same ${17 * 17 * 17}`);
	},
});

/** The same through the bindings, by this process. */
const throughBindings = [
	{ title: 'copyFromProcess()', way: newWays[0]!, copy: copyFromProcess },
	{ title: 'copyToProcess()', way: newWays[1]!, copy: copyToProcess },
] as const;

defineTable({
	rows: throughBindings,
	title: ({ title }) => `${title}: 1 byte to 64 MiB`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, copy }) => {
		const target = await startProcess(t);
		const largest = 64 * mebibyte;
		const address = await target.map('anonymous', largest / pageSize);
		const pattern = patternBytes(largest, seed);
		for (const size of [1, 4097, 65537, largest]) {
			if (way.direction === 'from') {
				await target.fill(address, size, seed);
				const buffer = new Uint8Array(size);
				t.is(copy(target.id, address, buffer), size);
				t.is(describeDifference(buffer, pattern.subarray(0, size)), undefined, `${size} bytes`);
			} else {
				await target.set(address, size, canary);
				t.is(copy(target.id, address, pattern.subarray(0, size)), size);
				t.is(await target.check(address, size, seed), 'same', `${size} bytes`);
			}
		}
	},
});

defineTable({
	rows: throughBindings,
	title: ({ title }) => `${title}: a failure is a system error with its code`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, copy }) => {
		const target = await startProcess(t);
		const address = await target.map('anonymous', 1);
		const buffer = new Uint8Array(16);
		const fails = (code: string, call: () => number) => {
			const error = t.throws(call, undefined, code);
			t.true(isSystemError(error, code), `${code}: got ${String(error)}`);
			t.is(isSystemError(error) ? error.syscall : undefined, way.name);
		};
		fails('EINVAL', () => copy(target.id, address, buffer, 0x4000_0000));
		fails('ESRCH', () => copy(0x7fff_ffff, address, buffer));
		fails('EFAULT', () => copy(target.id, 0xfacefeed_deadbeefn, buffer));
		t.is(copy(target.id, 0xfacefeed_deadbeefn, new Uint8Array(0)), 0, 'could I?');
	},
});

defineTest({
	title: 'the pattern is the same in C and in JavaScript',
	check: async (t) => {
		const process = await startProcess(t);
		const address = await process.map('anonymous', 1);
		await process.fill(address, pageSize, seed);
		const got = await process.peek(address, pageSize - 1);
		t.is(describeDifference(got, patternBytes(pageSize - 1, seed)), undefined);
	},
});
