// SPDX-License-Identifier: GPL-2.0-only
// Transparent huge pages that are no longer mapped as one: split, partly gone, moved.
import { MADV_DONTNEED, MADV_HUGEPAGE, syscallNumbers } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { defineKinds, type KindOfMemory, type Place } from '../src/calls/memory-kinds.js';
import { mustCall } from '../src/process/must-call.js';
import { anonymousHugeBytes } from '../src/process/page-state.js';
import { pageSize, seedAt } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const seed = 0x7470;
const hugePage = 2 ** 21;
const half = hugePage / 2;
const pages = hugePage / pageSize;
const MREMAP_MAYMOVE = 1n;
const MREMAP_FIXED = 2n;

/** Maps a transparent huge page, filled with the pattern, with no memory of the kind around it. */
async function mapHugePage(t: ExecutionContext, process: TestProcess): Promise<bigint> {
	const mapped = await process.map('anonymous', 2 * pages);
	const address = (mapped + BigInt(hugePage) - 1n) & -BigInt(hugePage);
	const before = Number(address - mapped);
	if (before > 0) {
		await process.unmap(mapped, before);
	}
	await process.unmap(address + BigInt(hugePage), hugePage - before);
	await process.advise(address, hugePage, MADV_HUGEPAGE);
	await process.fill(address, hugePage, seed);
	t.is(await anonymousHugeBytes(process.id, address), hugePage, 'bytes of it in huge pages');
	return address;
}

/** Moves memory to an address, or if left out to one where no huge page can begin. */
async function move(process: TestProcess, from: bigint, length: number): Promise<bigint> {
	const room = await process.map('anonymous', 2 * pages, 'none');
	const odd = ((room + BigInt(hugePage) - 1n) & -BigInt(hugePage)) + BigInt(3 * pageSize);
	const to = odd + BigInt(length) <= room + BigInt(2 * hugePage) ? odd : room + BigInt(pageSize);
	const flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	const bytes = BigInt(length);
	await mustCall(process, 'mremap', syscallNumbers.mremap, from, bytes, bytes, flags, to);
	return to;
}

const whole = [{ length: hugePage, seed }];

/** What is done with a huge page at an address, and what is then to be seen there. */
interface Change {
	what: string;
	change: (process: TestProcess, address: bigint) => Promise<Place>;
}

const changes: readonly Change[] = [
	{
		what: 'a whole transparent huge page',
		change: (_, address) => Promise.resolve({ address, content: whole }),
	},
	{
		what: 'a huge page mapped by small pages, as mprotect() of one of them leaves it',
		change: async (process, address) => {
			const inside = address + BigInt(5 * pageSize);
			await process.protect(inside, pageSize, 'r');
			await process.protect(inside, pageSize, 'rw');
			return { address, content: whole };
		},
	},
	{
		what: 'a huge page whose second half is PROT_NONE',
		change: async (process, address) => {
			await process.protect(address + BigInt(half), half, 'none');
			return { address, content: whole, readable: half };
		},
	},
	{
		what: 'a huge page whose second half is read-only',
		change: async (process, address) => {
			await process.protect(address + BigInt(half), half, 'r');
			return { address, content: whole, writable: half };
		},
	},
	{
		what: 'a huge page whose second half was unmapped',
		change: async (process, address) => {
			await process.unmap(address + BigInt(half), half);
			return { address, content: whole, readable: half };
		},
	},
	{
		what: 'a huge page of which half was given back (MADV_DONTNEED)',
		change: async (process, address) => {
			await process.advise(address + BigInt(half), half, MADV_DONTNEED);
			const content = [
				{ length: half, seed },
				{ length: half, byte: 0 },
			];
			return { address, content };
		},
	},
	{
		what: 'a huge page that was moved to where none can begin',
		change: async (process, address) => ({
			address: await move(process, address, hugePage),
			content: whole,
		}),
	},
	{
		what: 'half of a huge page, moved away from the other half',
		change: async (process, address) => {
			const moved = await move(process, address + BigInt(half), half);
			return { address: moved, content: [{ length: half, seed: seedAt(seed, half) }] };
		},
	},
];

defineKinds(
	changes.map(({ what, change }): KindOfMemory => ({
		what,
		needs: { config: ['CONFIG_TRANSPARENT_HUGEPAGE'] },
		prepare: async (process, t) => change(process, await mapHugePage(t, process)),
	})),
	sharedProcesses<'caller' | 'target'>({}),
);
