// SPDX-License-Identifier: GPL-2.0-only
// Row 6 of the contract: a range that runs into a hole is copied up to there, exactly.
import { MADV_GUARD_INSTALL } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, newWays, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const seed = 6;
const canary = 0xc3;
const processOf = sharedProcesses<'caller' | 'target'>({});
const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;

/** Pages of memory, a hole of one page at `hole`, and pages behind it. */
interface Range {
	start: bigint;
	pages: number;
	hole: number;
}

type HoleKind = 'unmapped' | 'PROT_NONE' | 'a guard page' | 'read-only' | 'the end of the file';

const pagesBehind = 2;

/** Memory with a hole in it, filled with the pattern or the canary on both sides of it. */
async function mapRange(
	process: TestProcess,
	kind: HoleKind,
	hole: number,
	content: 'pattern' | 'canary',
): Promise<Range> {
	// Behind the end of a file there is nothing more to look at.
	const pages = hole + 1 + (kind === 'the end of the file' ? 0 : pagesBehind);
	const file = { seed, pages: hole };
	const start =
		kind === 'the end of the file'
			? await process.map('shared-file', pages, 'rw', file)
			: await process.map('anonymous', pages);
	const filled = (kind === 'the end of the file' ? hole : pages) * pageSize;
	await (content === 'pattern'
		? process.fill(start, filled, seed)
		: process.set(start, filled, canary));
	await makeHole(process, kind, start + BigInt(hole * pageSize));
	return { start, pages, hole };
}

async function makeHole(process: TestProcess, kind: HoleKind, address: bigint): Promise<void> {
	switch (kind) {
		case 'unmapped':
			return process.unmap(address, pageSize);
		case 'PROT_NONE':
			return process.protect(address, pageSize, 'none');
		case 'a guard page':
			return process.advise(address, pageSize, MADV_GUARD_INSTALL);
		case 'read-only':
			return process.protect(address, pageSize, 'r');
		case 'the end of the file':
			return;
	}
}

/** How far before the hole a copy begins, in bytes: within a page, over a batch, over a page table. */
const distances = [1, 7, 8, 63, 4095, 4096, 4097, 3 * 4096 + 5, 16 * 4096 + 1, 65 * 4096 - 1];
const farDistance = 513 * 4096 + 9;

/** The two ends of a copy whose destination has to be exact. */
interface Ends {
	caller: TestProcess;
	target: TestProcess;
	remote: Range;
	local: Range;
}

async function unmapEnds({ caller, target, remote, local }: Ends): Promise<void> {
	await target.unmap(remote.start, remote.pages * pageSize);
	await caller.unmap(local.start, local.pages * pageSize);
}

/**
 * Copies from so many bytes before each hole; as many as the nearer one is away have to
 * arrive, and nothing else of the destination to change.
 */
async function copyIntoHole(
	t: ExecutionContext,
	way: Way,
	ends: Ends,
	distance: { remote: number; local: number },
): Promise<void> {
	const { caller, target, remote, local } = ends;
	const holeOf = ({ start, hole }: Range) => start + BigInt(hole * pageSize);
	const address = holeOf(remote) - BigInt(distance.remote);
	const buffer = holeOf(local) - BigInt(distance.local);
	const expected = Math.min(distance.remote, distance.local);
	const length = BigInt(Math.max(distance.remote, distance.local) + 2 * pageSize);
	const what = `${distance.remote} bytes before the remote hole, ${distance.local} before the local one`;

	const [source, from] = way.direction === 'from' ? [target, address] : [caller, buffer];
	const [sink, to] = way.direction === 'from' ? [caller, buffer] : [target, address];
	await source.fill(from, expected, seed);
	const outcome = await caller.copy(way, { pid: BigInt(target.id), address, length, buffer });
	expectOutcome(t, outcome, expected, what);
	t.is(await sink.check(to, expected, seed), 'same', `${what}: what was copied`);
	await sink.set(to, expected, canary);
	await expectCanary(t, sink, way.direction === 'from' ? local : remote, what);
}

/** That a destination holds nothing but the canary, before its hole and behind it. */
async function expectCanary(
	t: ExecutionContext,
	sink: TestProcess,
	range: Range,
	what: string,
): Promise<void> {
	const before = range.hole * pageSize;
	t.is(await sink.all(range.start, before, canary), 'same', `${what}: around what was copied`);
	if (range.pages > range.hole + 1) {
		const behind = range.start + BigInt(before + pageSize);
		const length = (range.pages - range.hole - 1) * pageSize;
		t.is(await sink.all(behind, length, canary), 'same', `${what}: behind the hole`);
	}
}

const holeKinds: readonly HoleKind[] = [
	'unmapped',
	'PROT_NONE',
	'a guard page',
	'the end of the file',
];

/** Which ends have a hole, of which kind; a read-only page is one to the destination only. */
const rows = allWays.flatMap((way) => [
	...holeKinds.flatMap((kind) =>
		(['remote', 'local', 'both'] as const).map((end) => ({ way, kind, end })),
	),
	{ way, kind: 'read-only', end: way.direction === 'from' ? 'local' : 'remote' } as const,
]);

defineTable({
	rows,
	title: ({ way, kind, end }) =>
		`${way.name}: exact count where a hole is on ${end === 'both' ? 'both sides' : `the ${end} side`}: ${kind}`,
	needs: ({ way, kind }) => ({
		...needsOf(way),
		...(kind === 'a guard page' ? { minimumVersion: '6.13' } : {}),
	}),
	check: async (t, { way, kind, end }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const far = Math.max(...distances);
		const pages = Math.ceil(far / pageSize) + 1;
		// Where an end isn't to have a hole, there is one far behind what is copied.
		const beyond = pages + Math.ceil(far / pageSize) + 3;
		const contents = { remote: 'pattern', local: 'canary' } as const;
		const mapEnd = (process: TestProcess, side: 'remote' | 'local') => {
			const sink = way.direction === 'from' ? 'local' : 'remote';
			const hole = end === side || end === 'both';
			const content = sink === side ? 'canary' : contents.remote;
			return mapRange(process, hole ? kind : 'unmapped', hole ? pages : beyond, content);
		};
		const ends = {
			caller,
			target,
			remote: await mapEnd(target, 'remote'),
			local: await mapEnd(caller, 'local'),
		};
		// Far from the hole of an end that isn't to have one: more than any length below.
		const away = far + 3 * pageSize;
		for (const [index, near] of distances.entries()) {
			const other = end === 'both' ? (distances.at(-1 - index) ?? near) : away;
			await copyIntoHole(t, way, ends, {
				remote: end === 'local' ? other : near,
				local: end === 'local' ? near : other,
			});
		}
		await unmapEnds(ends);
	},
});

defineTable({
	rows: allWays.flatMap((way) => [{ way, end: 'remote' } as const, { way, end: 'local' } as const]),
	title: ({ way, end }) => `${way.name}: exact count where the ${end} hole is 2 MiB away`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, end }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const pages = Math.ceil(farDistance / pageSize) + 1;
		const [near, beyond] = [pages, pages + 4];
		const sink = way.direction === 'from' ? 'local' : 'remote';
		const content = (side: 'remote' | 'local') => (sink === side ? 'canary' : 'pattern');
		const hole = (side: 'remote' | 'local') => (end === side ? near : beyond);
		const ends = {
			caller,
			target,
			remote: await mapRange(target, 'unmapped', hole('remote'), content('remote')),
			local: await mapRange(caller, 'unmapped', hole('local'), content('local')),
		};
		const other = farDistance + 3 * pageSize;
		await copyIntoHole(t, way, ends, {
			remote: end === 'remote' ? farDistance : other,
			local: end === 'local' ? farDistance : other,
		});
		await unmapEnds(ends);
	},
});

defineTable({
	rows: newWays.flatMap((way) =>
		([1, 4096, 3 * 4096 + 11] as const).map((distance) => ({ way, distance })),
	),
	title: ({ way, distance }) =>
		`${way.name}: a range of which ${distance} bytes are mapped and that wraps is copied as far as that`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, distance }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const pages = Math.ceil(distance / pageSize);
		const remote = await target.map('anonymous', pages);
		const local = await caller.map('anonymous', pages);
		const offset = BigInt(pages * pageSize - distance);
		const [source, from] = way.direction === 'from' ? [target, remote] : [caller, local];
		const [sink, to] = way.direction === 'from' ? [caller, local] : [target, remote];
		await source.fill(from + offset, distance, seed);
		for (const length of [2n ** 64n - 1n, 2n ** 64n - remote, 2n ** 64n - remote - offset + 1n]) {
			await sink.set(to, pages * pageSize, canary);
			const call = { address: remote + offset, length, buffer: local + offset };
			const outcome = await caller.copy(way, { pid: BigInt(target.id), ...call });
			expectOutcome(t, outcome, distance, `length 0x${length.toString(16)}`);
			t.is(await sink.check(to + offset, distance, seed), 'same', 'what was copied');
			t.is(await sink.all(to, Number(offset), canary), 'same', 'what is before it');
		}
	},
});

defineTable({
	rows: allWays,
	title: (way) =>
		`${way.name}: a range that ends with its mapping is whole, one byte more is short`,
	needs: needsOf,
	check: async (t, way) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const size = 3 * pageSize;
		const [address, buffer] = [await target.map('anonymous', 3), await caller.map('anonymous', 4)];
		const call = { pid: BigInt(target.id), address, buffer };
		for (const more of [0n, 1n, BigInt(pageSize)]) {
			const outcome = await caller.copy(way, { ...call, length: BigInt(size) + more });
			expectOutcome(t, outcome, size, `${more} bytes more`);
		}
		const last = { ...call, address: address + BigInt(size - 1), length: 1n };
		expectOutcome(t, await caller.copy(way, last), 1, 'the last byte');
	},
});
