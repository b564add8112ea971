// SPDX-License-Identifier: GPL-2.0-only
// Rows 1, 2 and 4 of the contract, the order of the checks, and arguments wider than an int.
import { readFile } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import { describeOutcome, expectOutcome, type Expected } from '../src/calls/expect.js';
import { allWays, newWays, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import { startProcess } from '../src/process/test-process.js';

const seed = 1;
const canary = 0xa5;
const length = pageSize;
const notMapped = 0xfacefeeddeadbeefn;
const nobody = 0x7fff_ffffn;
const unprivileged = 65534;

const processOf = sharedProcesses<'caller' | 'target' | 'stranger'>({
	stranger: (process) => process.become({ user: unprivileged }),
});

/** Both sides filled: what a copy would bring, and what shows that there was none. */
async function freshCopy(way: Way): Promise<CopyArguments> {
	const [caller, target] = [await processOf('caller'), await processOf('target')];
	const [buffer, address] = [await caller.map('anonymous', 2), await target.map('anonymous', 2)];
	const [source, sink] = way.direction === 'from' ? [target, caller] : [caller, target];
	await source.fill(source === target ? address : buffer, 2 * pageSize, seed);
	await sink.set(sink === target ? address : buffer, 2 * pageSize, canary);
	return { pid: BigInt(target.id), address, length: BigInt(length), buffer };
}

/** That the copy reached so many bytes of its destination and no further. */
async function expectCopied(
	t: ExecutionContext,
	way: Way,
	{ address, buffer }: CopyArguments,
	copied: number,
): Promise<void> {
	const sink = await processOf(way.direction === 'from' ? 'caller' : 'target');
	const begin = way.direction === 'from' ? buffer : address;
	t.is(await sink.check(begin, copied, seed), 'same', 'what was copied');
	const rest = 2 * pageSize - copied;
	t.is(await sink.all(begin + BigInt(copied), rest, canary), 'same', 'what follows it');
}

const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;

defineTable({
	rows: newWays,
	title: (way) => `${way.name}: EINVAL for each unknown bit in flags, and nothing is copied`,
	needs: needsOf,
	check: async (t, way) => {
		const good = await freshCopy(way);
		const caller = await processOf('caller');
		// Bit 0 is COPY_PROCESS_PIDFD.
		for (let bit = 1n; bit < 32n; bit++) {
			const outcome = await caller.copy(way, { ...good, flags: 1n << bit });
			expectOutcome(t, outcome, 'EINVAL', `bit ${bit}`);
		}
		expectOutcome(t, await caller.copy(way, { ...good, flags: 0xffff_ffffn }), 'EINVAL', 'all');
		await expectCopied(t, way, good, 0);
	},
});

defineTable({
	rows: allWays.flatMap((way) => {
		// The peers' flags are an unsigned long.
		const upper: Expected = way.peer ? 'EINVAL' : length;
		return [
			{ way, flags: 0n, expected: length },
			{ way, flags: 0x1_0000_0000n, expected: upper },
			{ way, flags: 0xfacefeed_0000_0000n, expected: upper },
			{ way, flags: 0xffff_ffff_8000_0000n, expected: 'EINVAL' },
			{ way, flags: 0xfacefeed_deadbeefn, expected: 'EINVAL' },
		] as const;
	}),
	title: ({ way, flags, expected }) =>
		`${way.name}: flags in a register of 0x${flags.toString(16)}: ${expected}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, flags, expected }) => {
		const good = await freshCopy(way);
		const caller = await processOf('caller');
		expectOutcome(t, await caller.copy(way, { ...good, flags }), expected);
		await expectCopied(t, way, good, expected === 'EINVAL' ? 0 : length);
	},
});

/** Ids that name nobody, and how each comes about. */
const nobodies: readonly { who: string; pid: (t: ExecutionContext) => Promise<bigint> | bigint }[] =
	[
		{ who: 'pid 0', pid: () => 0n },
		{ who: 'pid -1', pid: () => -1n },
		{ who: 'the lowest pid_t', pid: () => -0x8000_0000n },
		{ who: 'the highest pid_t', pid: () => nobody },
		{
			who: 'an id just beyond the highest that is handed out',
			pid: async () => BigInt(await readFile('/proc/sys/kernel/pid_max', 'ascii')),
		},
		{
			who: 'a process group',
			pid: async () => -BigInt((await processOf('target')).id),
		},
		{
			who: 'a zombie',
			pid: async (t) => BigInt(await (await startProcess(t)).zombie()),
		},
		{
			who: 'a process that was reaped',
			pid: async (t) => {
				const parent = await startProcess(t);
				const pid = await parent.zombie();
				await parent.reap(pid);
				return BigInt(pid);
			},
		},
		{
			who: 'a leader that ended before its other threads',
			pid: async (t) => {
				const process = await startProcess(t);
				await process.retire();
				return BigInt(process.id);
			},
		},
		{
			who: 'a kernel thread',
			pid: async (t) => {
				t.is(await readFile('/proc/2/comm', 'ascii'), 'kthreadd\n');
				return 2n;
			},
		},
		{ who: 'a register whose lower half is 0', pid: () => 0x1_0000_0000n },
		{
			who: 'a register whose lower half is negative',
			pid: async () => BigInt((await processOf('target')).id) | 0x8000_0000n,
		},
	];

defineTable({
	rows: allWays.flatMap((way) => nobodies.map((row) => ({ way, ...row }))),
	title: ({ way, who }) => `${way.name}: ESRCH for ${who}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, pid }) => {
		const good = await freshCopy(way);
		const caller = await processOf('caller');
		expectOutcome(t, await caller.copy(way, { ...good, pid: await pid(t) }), 'ESRCH');
		await expectCopied(t, way, good, 0);
	},
});

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: the upper half of the register that holds pid doesn't matter`,
	needs: needsOf,
	check: async (t, way) => {
		const good = await freshCopy(way);
		const caller = await processOf('caller');
		for (const upper of [0xfacefeedn, 0xffff_ffffn, 1n]) {
			const pid = good.pid | (upper << 32n);
			expectOutcome(t, await caller.copy(way, { ...good, pid }), length, `0x${pid.toString(16)}`);
		}
		await expectCopied(t, way, good, length);
	},
});

/** Memory at an address that a 64-bit sentinel would become if only its lower half arrived. */
const lowerHalf = 0xdeadbeefn;

defineTable({
	rows: allWays.flatMap((way) => [
		{ way, argument: 'address' } as const,
		{ way, argument: 'buffer' } as const,
	]),
	title: ({ way, argument }) => `${way.name}: the upper half of ${argument} isn't lost`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, argument }) => {
		const good = await freshCopy(way);
		const process = await startProcess(t);
		const low = await process.systemCall(9, lowerHalf & ~0xfffn, 8192n, 3n, 0x10_0022n, -1n, 0n);
		t.is(low.returned, lowerHalf & ~0xfffn, 'mmap with MAP_FIXED_NOREPLACE');
		// Both ends in this process, where the lower half alone would do.
		const other = await process.map('anonymous', 2);
		const base = { ...good, pid: BigInt(process.id), address: other, buffer: other };
		const truncated = await process.copy(way, { ...base, [argument]: lowerHalf });
		expectOutcome(t, truncated, length, 'the lower half by itself');
		expectOutcome(t, await process.copy(way, { ...base, [argument]: notMapped }), 'EFAULT');
	},
});

defineTable({
	rows: newWays.flatMap((way) =>
		[0x1_0000_0001n, 0xfacefeed_0000_0000n, 0x8000_0000_0000_0000n, -1n].map((long) => ({
			way,
			long: BigInt.asUintN(64, long),
		})),
	),
	title: ({ way, long }) => `${way.name}: a length of 0x${long.toString(16)} copies up to the hole`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, long }) => {
		const good = await freshCopy(way);
		const caller = await processOf('caller');
		expectOutcome(t, await caller.copy(way, { ...good, length: long }), 2 * pageSize);
		await expectCopied(t, way, good, 2 * pageSize);
	},
});

/** What can be wrong with a call, in the order in which it has to be found. */
const faults: readonly {
	name: string;
	result: Expected;
	stranger?: true;
	change: Partial<CopyArguments>;
}[] = [
	{ name: 'an unknown flag', result: 'EINVAL', change: { flags: 0x4000_0000n } },
	{ name: 'a pid that names nobody', result: 'ESRCH', change: { pid: nobody } },
	{ name: 'no permission', result: 'EPERM', stranger: true, change: {} },
	{ name: 'length 0', result: 0, change: { length: 0n } },
	{ name: 'bad addresses', result: 'EFAULT', change: { address: notMapped, buffer: notMapped } },
];

/** Every combination of faults but none. */
const combinations = Array.from({ length: 2 ** faults.length - 1 }, (_, index) =>
	faults.filter((_fault, bit) => ((index + 1) & (1 << bit)) !== 0),
);

defineTable({
	rows: newWays.flatMap((way) => combinations.map((wrong) => ({ way, wrong }))),
	title: ({ way, wrong }) =>
		`${way.name}: ${wrong[0]?.result} for ${wrong.map(({ name }) => name).join(' and ')}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, wrong }) => {
		const caller = await processOf(wrong.some(({ stranger }) => stranger) ? 'stranger' : 'caller');
		const good = await freshCopy(way);
		// The stranger's own buffer: the caller's isn't at the same place there.
		const buffer = await caller.map('anonymous', 2);
		const call = wrong.reduce((sum, { change }) => ({ ...sum, ...change }), { ...good, buffer });
		expectOutcome(t, await caller.copy(way, call), wrong[0]!.result);
		await caller.unmap(buffer, 2 * pageSize);
	},
});

defineTable({
	rows: allWays.filter(({ peer }) => peer),
	title: (way) => `${way.name}: differs from the new calls: with length 0 it looks at no pid`,
	needs: needsOf,
	check: async (t, way) => {
		const good = await freshCopy(way);
		const stranger = await processOf('stranger');
		const empty = { ...good, length: 0n };
		t.is(describeOutcome(await stranger.copy(way, empty)), '0 bytes', 'no permission');
		t.is(describeOutcome(await stranger.copy(way, { ...empty, pid: nobody })), '0 bytes', 'nobody');
	},
});
