// SPDX-License-Identifier: GPL-2.0-only
// Memory that the kernel may take away, has taken away, or has merged with other memory.
import { MADV_FREE, MADV_HUGEPAGE, MADV_MERGEABLE } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import {
	defineKinds,
	type Afterwards,
	type KindOfMemory,
	type Place,
} from '../src/calls/memory-kinds.js';
import { useKsm } from '../src/machine/ksm.js';
import { useSwap } from '../src/machine/swap.js';
import { isMergedByKsm, pageEntries } from '../src/process/page-state.js';
import { pageSize, seedAt } from '../src/process/pattern.js';
import { emptyPageBatches, reclaim } from '../src/process/reclaim.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const seed = 0x2ec;
const pages = 5;
const length = pages * pageSize;
const hugePage = 2 ** 21;
const processOf = sharedProcesses<'caller' | 'target'>({});
const prepareSwap = useSwap();
const startKsm = useKsm();

/** Memory in two parts of the same size, one of which only shows what becomes of the other's like. */
interface Halves {
	process: TestProcess;
	address: bigint;
	/** The part that no copy touches. */
	control: bigint;
	length: number;
}

/** Fills the memory and says that the kernel may drop it unless it is written to. */
async function freeLazily({ process, address, control, length }: Halves): Promise<void> {
	for (const part of [address, control]) {
		await process.fill(part, length, seed);
		emptyPageBatches();
		await process.advise(part, length, MADV_FREE);
	}
}

/** That what is in memory is what was copied there, and around it what was there before. */
async function expectWritten(
	t: ExecutionContext,
	{ process, address, length }: Halves,
	{ offset, length: copied, seed: newSeed }: Afterwards,
): Promise<void> {
	const check = (from: number, bytes: number, expected: number) =>
		process.check(address + BigInt(from), bytes, expected);
	t.is(await check(0, offset, seed), 'same', 'before what was written');
	t.is(await check(offset, copied, newSeed), 'same', 'what was written, after reclaim');
	const last = length - 4;
	t.is(await check(last, 4, seedAt(seed, last)), 'same', 'behind it');
}

/** Reclaims lazily freed memory: what was written must stay, all else was given up. */
async function reclaimFreed(t: ExecutionContext, halves: Halves, what: Afterwards): Promise<void> {
	const { process, address, control, length } = halves;
	await reclaim(process, address, length);
	await reclaim(process, control, length);
	t.is(await process.all(control, length, 0), 'same', 'what nobody wrote to was dropped');
	if (what.written) {
		await expectWritten(t, halves, what);
	} else {
		t.is(await process.all(address, length, 0), 'same', 'to be read keeps no page');
	}
	await process.unmap(control, length);
}

const needsSwap = { config: ['CONFIG_SWAP', 'CONFIG_ZRAM'] } as const;
const needsHugePages = { config: [...needsSwap.config, 'CONFIG_TRANSPARENT_HUGEPAGE'] } as const;

async function smallHalves(process: TestProcess): Promise<Halves> {
	prepareSwap();
	const address = await process.map('anonymous', pages);
	return { process, address, control: await process.map('anonymous', pages), length };
}

/** Two huge pages in a row. */
async function hugeHalves(process: TestProcess): Promise<Halves> {
	prepareSwap();
	const mapped = await process.map('anonymous', (3 * hugePage) / pageSize);
	const address = (mapped + BigInt(hugePage) - 1n) & -BigInt(hugePage);
	await process.advise(address, 2 * hugePage, MADV_HUGEPAGE);
	return { process, address, control: address + BigInt(hugePage), length: hugePage };
}

const lazilyFreed = [
	{ what: 'lazily freed (MADV_FREE), then reclaimed', map: smallHalves, needs: needsSwap },
	{
		what: 'a lazily freed transparent huge page, then reclaimed',
		map: hugeHalves,
		needs: needsHugePages,
	},
].map(({ what, map, needs }): KindOfMemory => ({
	what,
	needs,
	prepare: async (process) => {
		const halves = await map(process);
		await freeLazily(halves);
		return {
			address: halves.address,
			content: [{ length: halves.length, seed }],
			afterwards: (t, what) => reclaimFreed(t, halves, what),
		};
	},
}));

/** What has happened to memory that was swapped out. */
interface SwappedState {
	what: string;
	memory: 'anonymous' | 'shared';
	change?: (process: TestProcess, address: bigint) => Promise<unknown>;
}

const swappedStates: readonly SwappedState[] = [
	{ what: 'swapped out', memory: 'anonymous' },
	{ what: 'shared memory that was swapped out', memory: 'shared' },
	{
		what: 'swapped out and read in again',
		memory: 'anonymous',
		change: (process, address) => process.check(address, length, seed),
	},
];

const swapped = swappedStates.map(({ what, memory, change }): KindOfMemory => ({
	what,
	needs: needsSwap,
	prepare: async (process): Promise<Place> => {
		prepareSwap();
		const address = await process.map(memory, pages);
		await process.fill(address, length, seed);
		await reclaim(process, address, length);
		await change?.(process, address);
		return {
			address,
			content: [{ length, seed }],
			// What is in swap already must not be taken for what was written since.
			afterwards: async (t, what) => {
				await reclaim(process, address, length);
				if (what.written) {
					await expectWritten(t, { process, address, control: address, length }, what);
				} else {
					t.is(await process.check(address, length, seed), 'same', 'after reclaim');
				}
			},
		};
	},
}));

const framesOf = ({ id }: TestProcess, address: bigint) =>
	pageEntries(id, address, pages).map(({ frame }) => frame);

const mergeSeconds = 60;

/** Waits until KSM has merged the pages of two ranges. */
async function waitUntilMerged(process: TestProcess, one: bigint, two: bigint): Promise<void> {
	const isMerged = () => {
		const twins = framesOf(process, two);
		return framesOf(process, one).every(
			(frame, index) => frame !== 0n && frame === twins[index] && isMergedByKsm(frame),
		);
	};
	const end = Date.now() + mergeSeconds * 1000;
	while (!isMerged()) {
		if (Date.now() > end) {
			throw new Error(`KSM has not merged ${pages} pages within ${mergeSeconds} s`);
		}
		await new Promise(setImmediate);
	}
}

const merged: KindOfMemory = {
	what: 'merged with other memory by KSM',
	needs: { config: ['CONFIG_KSM'] },
	prepare: async (process) => {
		startKsm();
		const [address, twin] = [
			await process.map('anonymous', pages),
			await process.map('anonymous', pages),
		];
		for (const part of [address, twin]) {
			await process.fill(part, length, seed);
			await process.advise(part, length, MADV_MERGEABLE);
		}
		await waitUntilMerged(process, address, twin);
		const before = framesOf(process, twin);
		return {
			address,
			content: [{ length, seed }],
			afterwards: async (t, { written }) => {
				t.deepEqual(framesOf(process, twin), before, "the other one's pages");
				const same = framesOf(process, address).map((frame, index) => frame === before[index]);
				t.deepEqual(same, new Array(pages).fill(!written), 'pages that are still merged');
				t.is(await process.check(twin, length, seed), 'same', "the other one's memory");
				await process.unmap(twin, length);
			},
		};
	},
};

defineKinds([...lazilyFreed, ...swapped, merged], processOf);
