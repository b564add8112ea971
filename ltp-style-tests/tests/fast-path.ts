// SPDX-License-Identifier: GPL-2.0-only
// Memory that is there, on both sides, is copied without the mmap_lock and without allocating.
import { MADV_HUGEPAGE, syscallNumbers } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome } from '../src/calls/expect.js';
import { copyTo, newWays, peerFrom, type CopyArguments, type Way } from '../src/calls/ways.js';
import { startTrace, type TracedCall } from '../src/machine/trace.js';
import { defineTable, defineTest } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import { anonymousHugeBytes, pageEntries } from '../src/process/page-state.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const times = 4;
const hugePage = 2 ** 21;
const largest = 8 * hugePage;
const sizes = [1, pageSize, 16 * pageSize, hugePage, largest];
/** Whole huge pages and one more, as copies begin within a page. */
const length = largest + hugePage;
const offset = 12n;

const locking = ['mmap_lock_start_locking', 'mmap_lock_acquire_returned'] as const;
const allocating = ['kmalloc', 'kmem_cache_alloc', 'mm_page_alloc'] as const;
const traced = [
	...locking.map((name) => `mmap_lock/${name}`),
	...allocating.map((name) => `kmem/${name}`),
];

const needsOf = (way: Way): Needs => ({
	root: true,
	config: ['CONFIG_EVENT_TRACING', 'CONFIG_TRANSPARENT_HUGEPAGE', 'CONFIG_PER_VMA_LOCK'],
	systemCalls: [way.name],
});

const processOf = sharedProcesses<'caller' | 'target'>({});

/** Memory with a page everywhere. */
interface Present {
	address: bigint;
	unmap: () => Promise<void>;
}

async function mapAligned(process: TestProcess): Promise<Present> {
	const whole = length + hugePage;
	const mapped = await process.map('anonymous', whole / pageSize);
	const huge = BigInt(hugePage);
	return {
		address: ((mapped + huge - 1n) / huge) * huge,
		unmap: () => process.unmap(mapped, whole),
	};
}

/** How the pages lie in memory. */
const kinds: readonly {
	kind: string;
	prepare: (t: ExecutionContext, process: TestProcess) => Promise<Present>;
}[] = [
	{
		kind: 'small pages',
		prepare: async (_t, process) => {
			const memory = await mapAligned(process);
			await process.set(memory.address, length, 1);
			return memory;
		},
	},
	{
		kind: 'scattered pages',
		prepare: async (t, process) => {
			const memory = await mapAligned(process);
			await process.scatter(memory.address, length);
			const entries = pageEntries(process.id, memory.address, length / pageSize);
			const neighbours = entries.filter(({ frame }, page) => {
				return frame === (entries[page - 1]?.frame ?? -1n) + 1n;
			});
			t.true(neighbours.length < 10, `${neighbours.length} pages follow the one before`);
			return memory;
		},
	},
	{
		kind: 'transparent huge pages',
		prepare: async (t, process) => {
			const memory = await mapAligned(process);
			await process.advise(memory.address, length, MADV_HUGEPAGE);
			await process.set(memory.address, length, 1);
			t.is(await anonymousHugeBytes(process.id, memory.address), length, 'in huge pages');
			return memory;
		},
	},
];

/** The calls of a way that were traced: as many as there were. */
function expectCalls(
	t: ExecutionContext,
	calls: readonly TracedCall[],
	way: Way,
	count: number,
): readonly TracedCall[] {
	const found = calls.filter(({ number }) => number === syscallNumbers[way.name]);
	t.is(found.length, count, `calls of ${way.name}() in the trace`);
	return found;
}

defineTable({
	rows: newWays.flatMap((way) => kinds.map(({ kind, prepare }) => ({ way, kind, prepare }))),
	title: ({ way, kind }) =>
		`${way.name}: takes no mmap_lock and allocates nothing for ${kind} that are there`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, prepare }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const [remote, local] = [await prepare(t, target), await mapAligned(caller)];
		await caller.set(local.address, length, 2);
		const trace = startTrace(t, caller.id, traced);
		for (const size of sizes) {
			const { completed } = await caller.repeat(times, way, {
				pid: BigInt(target.id),
				address: remote.address + offset,
				length: BigInt(size),
				buffer: local.address + offset,
			});
			t.is(completed, times, `${size} bytes`);
			for (const { events } of expectCalls(t, trace.takeCalls(), way, times)) {
				t.deepEqual(events, [], `${size} bytes`);
			}
		}
		await remote.unmap();
		await local.unmap();
	},
});

/** The names of the events within one call. */
async function eventsWithin(
	t: ExecutionContext,
	way: Way,
	act: (caller: TestProcess) => Promise<void>,
): Promise<string[]> {
	const caller = await processOf('caller');
	const trace = startTrace(t, caller.id, traced);
	await act(caller);
	const [call] = expectCalls(t, trace.takeCalls(), way, 1);
	return call?.events.map(({ name }) => name) ?? [];
}

defineTest({
	title: 'the trace shows the mmap_lock, pages and slabs of a copy into memory nobody has touched',
	needs: needsOf(copyTo),
	check: async (t) => {
		const target = await processOf('target');
		const remote = await mapAligned(target);
		const events = await eventsWithin(t, copyTo, async (caller) => {
			const local = await mapAligned(caller);
			await caller.set(local.address, pageSize, 1);
			const call: CopyArguments = {
				pid: BigInt(target.id),
				address: remote.address,
				length: BigInt(pageSize),
				buffer: local.address,
			};
			expectOutcome(t, await caller.copy(copyTo, call), pageSize);
			await local.unmap();
		});
		for (const name of [...locking, 'kmem_cache_alloc', 'mm_page_alloc']) {
			t.true(events.includes(name), `${name} in ${events.join(', ')}`);
		}
		await remote.unmap();
	},
});

defineTest({
	title:
		'the trace shows the kmalloc() of process_vm_readv() with more pieces than fit on its stack',
	needs: needsOf(peerFrom),
	check: async (t) => {
		const target = await processOf('target');
		const events = await eventsWithin(t, peerFrom, async (caller) => {
			const pieces = await caller.map('anonymous', 1);
			const [pid, count] = [BigInt(target.id), 9n];
			const { process_vm_readv } = syscallNumbers;
			const words = [pid, pieces, count, pieces, count, 0n];
			expectOutcome(t, await caller.systemCall(process_vm_readv, ...words), 0);
			await caller.unmap(pieces, pageSize);
		});
		t.true(events.includes('kmalloc'), `kmalloc in ${events.join(', ')}`);
	},
});
