// SPDX-License-Identifier: GPL-2.0-only
// What happens to memory: copy-on-write, shared and huge pages, pages nobody has touched,
// ranges that overlap, and processes that copy out of each other at once.
import { readFile } from 'node:fs/promises';
import { MADV_HUGEPAGE, MADV_NOHUGEPAGE } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, type Way } from '../src/calls/ways.js';
import { growHugePagePool } from '../src/machine/huge-page-pool.js';
import { defineTable } from '../src/needs/define-test.js';
import { anonymousHugeBytes } from '../src/process/page-state.js';
import { describeDifference, pageSize } from '../src/process/pattern.js';
import { startProcess, type MemoryKind, type TestProcess } from '../src/process/test-process.js';

const oldSeed = 10;
const newSeed = 20;
const hugePage = 2 ** 21;

const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;
const readers = allWays.filter(({ direction }) => direction === 'from');
const writers = allWays.filter(({ direction }) => direction === 'to');

/** A parent and its child with the same memory, and somebody who copies. */
async function sharers(t: ExecutionContext, kind: MemoryKind, pages: number) {
	const [caller, parent] = [await startProcess(t), await startProcess(t)];
	const address = await parent.map(kind, pages, 'rw', { seed: oldSeed, pages });
	return { caller, parent, address, length: pages * pageSize };
}

/** Writes into a process from a buffer that holds the new pattern, as much as there is. */
async function overwrite(
	t: ExecutionContext,
	way: Way,
	caller: TestProcess,
	target: TestProcess,
	{ address, length }: { address: bigint; length: number },
): Promise<void> {
	const buffer = await caller.map('anonymous', length / pageSize);
	await caller.fill(buffer, length, newSeed);
	const call = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
	expectOutcome(t, await caller.copy(way, call), length);
	t.is(await target.check(address, length, newSeed), 'same', 'what was written');
}

const privateKinds = ['anonymous', 'file'] as const;
const sharedKinds = ['shared', 'shared-file'] as const;

defineTable({
	rows: writers.flatMap((way) =>
		privateKinds.flatMap((kind) =>
			(['parent', 'child'] as const).map((written) => ({ way, kind, written })),
		),
	),
	title: ({ way, kind, written }) =>
		`${way.name}: private ${kind} memory is unshared: nobody but the ${written} that was written to sees it`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, kind, written }) => {
		const { caller, parent, address, length } = await sharers(t, kind, 20);
		if (kind === 'anonymous') {
			await parent.fill(address, length, oldSeed);
		}
		const child = await parent.fork();
		const [target, bystander] = written === 'parent' ? [parent, child] : [child, parent];
		await overwrite(t, way, caller, target, { address, length });
		t.is(await bystander.check(address, length, oldSeed), 'same', "the other one's memory");
	},
});

defineTable({
	rows: writers.flatMap((way) => sharedKinds.map((kind) => ({ way, kind }))),
	title: ({ way, kind }) => `${way.name}: what is written to ${kind} memory, all who share it see`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, kind }) => {
		const { caller, parent, address, length } = await sharers(t, kind, 20);
		const child = await parent.fork();
		await overwrite(t, way, caller, child, { address, length });
		t.is(await parent.check(address, length, newSeed), 'same', "the other one's memory");
	},
});

defineTable({
	rows: readers,
	title: (way) =>
		`${way.name}: what a forked child has not written is read from it as from its parent`,
	needs: needsOf,
	check: async (t, way) => {
		const { caller, parent, address, length } = await sharers(t, 'anonymous', 20);
		await parent.fill(address, length, oldSeed);
		const child = await parent.fork();
		await parent.fill(address, length, newSeed);
		const buffer = await caller.map('anonymous', 20);
		const call = { address, length: BigInt(length), buffer };
		expectOutcome(t, await caller.copy(way, { ...call, pid: BigInt(child.id) }), length);
		t.is(await caller.check(buffer, length, oldSeed), 'same', "the child's");
		expectOutcome(t, await caller.copy(way, { ...call, pid: BigInt(parent.id) }), length);
		t.is(await caller.check(buffer, length, newSeed), 'same', "the parent's");
	},
});

defineTable({
	rows: allWays.flatMap((way) =>
		(['anonymous', 'shared', 'file', 'shared-file'] as const).map((kind) => ({ way, kind })),
	),
	title: ({ way, kind }) => `${way.name}: pages of ${kind} memory that nobody has touched yet`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, kind }) => {
		const { caller, parent: target, address, length } = await sharers(t, kind, 70);
		if (way.direction === 'to') {
			await overwrite(t, way, caller, target, { address, length });
			return;
		}
		// The buffer's pages are untouched as well.
		const buffer = await caller.map('anonymous', 70);
		const call = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
		expectOutcome(t, await caller.copy(way, call), length);
		const isFile = kind === 'file' || kind === 'shared-file';
		const got = isFile ? caller.check(buffer, length, oldSeed) : caller.all(buffer, length, 0);
		t.is(await got, 'same');
	},
});

/** Where huge pages begin in a mapping of three of them, whole. */
const hugeStart = (address: bigint) =>
	((address + BigInt(hugePage) - 1n) / BigInt(hugePage)) * BigInt(hugePage);

/** Copies of a range that begins and ends within huge pages. */
async function copyHuge(
	t: ExecutionContext,
	way: Way,
	target: TestProcess,
	address: bigint,
): Promise<void> {
	const caller = await startProcess(t);
	const length = hugePage + 3 * pageSize + 7;
	const start = address + 5n;
	const buffer = await caller.map('anonymous', hugePage / pageSize + 5);
	const [source, from, sink, to] =
		way.direction === 'from'
			? ([target, start, caller, buffer] as const)
			: ([caller, buffer, target, start] as const);
	await source.fill(from, length, newSeed);
	const call = { pid: BigInt(target.id), address: start, length: BigInt(length), buffer };
	expectOutcome(t, await caller.copy(way, call), length);
	t.is(await sink.check(to, length, newSeed), 'same');
}

defineTable({
	rows: allWays.flatMap((way) =>
		([MADV_HUGEPAGE, MADV_NOHUGEPAGE] as const).map((advice) => ({ way, advice })),
	),
	title: ({ way, advice }) =>
		`${way.name}: across memory ${advice === MADV_HUGEPAGE ? 'in transparent huge pages' : 'without huge pages'}`,
	needs: ({ way }) => ({ ...needsOf(way), config: ['CONFIG_TRANSPARENT_HUGEPAGE'] }),
	check: async (t, { way, advice }) => {
		const target = await startProcess(t);
		const pages = (3 * hugePage) / pageSize;
		const mapped = await target.map('anonymous', pages);
		await target.advise(mapped, 3 * hugePage, advice);
		const address = hugeStart(mapped);
		await target.set(address, 2 * hugePage, 1);
		const huge = await anonymousHugeBytes(target.id, mapped);
		t.is(huge, advice === MADV_HUGEPAGE ? 2 * hugePage : 0, 'bytes of it in huge pages');
		await copyHuge(t, way, target, address);
	},
});

defineTable({
	rows: writers,
	title: (way) => `${way.name}: a transparent huge page that a forked child has too is unshared`,
	needs: (way) => ({ ...needsOf(way), config: ['CONFIG_TRANSPARENT_HUGEPAGE'] }),
	check: async (t, way) => {
		const [caller, parent] = [await startProcess(t), await startProcess(t)];
		const mapped = await parent.map('anonymous', (2 * hugePage) / pageSize);
		await parent.advise(mapped, 2 * hugePage, MADV_HUGEPAGE);
		const address = hugeStart(mapped);
		await parent.fill(address, hugePage, oldSeed);
		const child = await parent.fork();
		await overwrite(t, way, caller, child, { address, length: hugePage });
		t.is(await parent.check(address, hugePage, oldSeed), 'same', "the parent's memory");
	},
});

defineTable({
	rows: readers,
	title: (way) => `${way.name}: the huge page of zeros`,
	needs: (way) => ({ ...needsOf(way), config: ['CONFIG_TRANSPARENT_HUGEPAGE'] }),
	check: async (t, way) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		const mapped = await target.map('anonymous', (2 * hugePage) / pageSize);
		await target.advise(mapped, 2 * hugePage, MADV_HUGEPAGE);
		const address = hugeStart(mapped);
		t.is(await target.all(address, hugePage, 0), 'same', 'read by the process itself');
		const buffer = await caller.map('anonymous', hugePage / pageSize);
		await caller.set(buffer, hugePage, 1);
		const call = { pid: BigInt(target.id), address, length: BigInt(hugePage), buffer };
		expectOutcome(t, await caller.copy(way, call), hugePage);
		t.is(await caller.all(buffer, hugePage, 0), 'same');
	},
});

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: across pages of hugetlb`,
	needs: (way) => ({ ...needsOf(way), config: ['CONFIG_HUGETLBFS'] }),
	check: async (t, way) => {
		t.teardown(growHugePagePool(2));
		const target = await startProcess(t);
		await copyHuge(t, way, target, await target.map('hugetlb', (2 * hugePage) / pageSize));
	},
});

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: the caller's buffer may be in secret memory`,
	needs: (way) => ({
		root: true,
		config: ['CONFIG_SECRETMEM'],
		systemCalls: [way.name, 'memfd_secret'],
	}),
	check: async (t, way) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		const buffer = await caller.map('secret', 2, 'rw', { seed: oldSeed, pages: 2 });
		const address = await target.map('file', 2, 'rw', { seed: newSeed, pages: 2 });
		const length = 2 * pageSize;
		const call = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
		expectOutcome(t, await caller.copy(way, call), length);
		const seed = way.direction === 'from' ? newSeed : oldSeed;
		t.is(await caller.check(buffer, length, seed), 'same', "the caller's");
		t.is(await target.check(address, length, seed), 'same', "the target's");
	},
});

defineTable({
	rows: readers,
	title: (way) => `${way.name}: code that the kernel maps into every process`,
	needs: needsOf,
	check: async (t, way) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		const maps = await readFile(`/proc/${target.id}/maps`, 'ascii');
		const [, start] = /^([0-9a-f]+)-.*\[vdso\]$/m.exec(maps) ?? [];
		const address = BigInt(`0x${start ?? ''}`);
		const buffer = await caller.map('anonymous', 1);
		const length = pageSize - 1;
		const call = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
		expectOutcome(t, await caller.copy(way, call), length);
		const [got, own] = [await caller.peek(buffer, length), await target.peek(address, length)];
		t.is(describeDifference(got, own), undefined);
	},
});

/** How far apart source and destination are when both are in one mapping. */
const shifts = [-4097, -4096, -4095, -65, -8, -1, 0, 1, 7, 64, 4095, 4096, 4097];

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: source and destination overlap`,
	needs: needsOf,
	check: async (t, way) => {
		const process = await startProcess(t);
		const length = 9 * pageSize + 3;
		const mapped = await process.map('anonymous', 14);
		const canary = 0x3c;
		for (const shift of shifts) {
			await process.set(mapped, 14 * pageSize, canary);
			const address = mapped + BigInt(2 * pageSize);
			const buffer = address + BigInt(shift);
			await process.fill(address, length, oldSeed);
			const call = { pid: BigInt(process.id), address, length: BigInt(length), buffer };
			const what = `shifted by ${shift}`;
			expectOutcome(t, await process.copy(way, call), length, what);
			// In which order bytes are taken isn't said, but they are taken from here and put there.
			const [low, high] = [Math.min(shift, 0), Math.max(shift, 0)];
			const before = 2 * pageSize + low;
			t.is(await process.all(mapped, before, canary), 'same', `${what}: before`);
			const behind = 2 * pageSize + length + high;
			const rest = 14 * pageSize - behind;
			t.is(await process.all(mapped + BigInt(behind), rest, canary), 'same', `${what}: behind`);
			if (shift === 0) {
				t.is(await process.check(address, length, oldSeed), 'same', what);
			}
		}
	},
});

defineTable({
	rows: allWays.flatMap((way) =>
		allWays.filter(({ peer }) => peer === way.peer).map((other) => ({ way, other })),
	),
	title: ({ way, other }) =>
		`${way.name} against ${other.name}: two processes copy with each other at once`,
	needs: ({ way }) => ({ ...needsOf(way), cpus: 2 }),
	check: async (t, { way, other }) => {
		const [first, second] = [await startProcess(t), await startProcess(t)];
		const [pages, times] = [64, 300];
		const length = BigInt(pages * pageSize);
		const [mine, yours] = [
			await first.map('anonymous', pages),
			await second.map('anonymous', pages),
		];
		const [one, two] = await Promise.all([
			first.repeat(times, way, { pid: BigInt(second.id), address: yours, length, buffer: mine }),
			second.repeat(times, other, { pid: BigInt(first.id), address: mine, length, buffer: yours }),
		]);
		expectOutcome(t, one.last, length, "the first one's last copy");
		expectOutcome(t, two.last, length, "the second one's last copy");
		t.deepEqual([one.completed, two.completed], [times, times]);
		t.true(one.begin < two.end && two.begin < one.end, 'they ran at the same time');
	},
});
