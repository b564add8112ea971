// SPDX-License-Identifier: GPL-2.0-only
// Who follows what is written to memory is told of what a copy writes, page by page, and of nothing
// that it reads: soft-dirty bits, PAGEMAP_SCAN.
import { writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageEntries } from '../src/process/page-state.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';
import { registerUserfault } from '../src/process/userfaults.js';

const pages = 6;
/** The pages that a copy has bytes of. */
const copied = [1, 2, 3];
const processOf = sharedProcesses<'caller' | 'target'>({});
const rows = allWays.flatMap((way) =>
	(['remote', 'local'] as const).flatMap((end) =>
		[true, false].map((populated) => ({ way, end, populated })),
	),
);
type Row = (typeof rows)[number];

const isWritten = ({ way, end }: Row) => (way.direction === 'from') === (end === 'local');
const titleOf = ({ way, end, populated }: Row) =>
	`${way.name}: ${end}, ${populated ? 'pages that are there' : 'pages nobody has touched'}`;
const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;

/** The process whose pages are followed, with its pages. */
interface Followed {
	process: TestProcess;
	address: bigint;
}

/** Copies from within the first of the pages to within the last, between two other looks at them. */
async function copyFollowed(
	t: ExecutionContext,
	{ way, end, populated }: Row,
	follow: (followed: Followed) => Promise<() => Promise<number[]> | number[]>,
): Promise<number[]> {
	const [caller, target] = [await processOf('caller'), await processOf('target')];
	const [owner, other] = end === 'remote' ? [target, caller] : [caller, target];
	const address = await owner.map('anonymous', pages);
	if (populated) {
		await owner.fill(address, pages * pageSize, 1);
	}
	const plain = await other.map('anonymous', pages);
	await other.fill(plain, pages * pageSize, 2);
	const written = await follow({ process: owner, address });
	const start = address + BigInt(pageSize + 12);
	const length = copied.length * pageSize - 12 - 7;
	const call: CopyArguments = {
		pid: BigInt(target.id),
		address: end === 'remote' ? start : plain,
		buffer: end === 'remote' ? plain : start,
		length: BigInt(length),
	};
	expectOutcome(t, await caller.copy(way, call), length);
	const found = await written();
	await owner.unmap(address, pages * pageSize);
	await other.unmap(plain, pages * pageSize);
	return found;
}

defineTable({
	rows: rows.filter(({ populated }) => populated),
	title: (row) => `soft-dirty: ${titleOf(row)}`,
	needs: ({ way }) => ({ ...needsOf(way), config: ['CONFIG_MEM_SOFT_DIRTY'] }),
	check: async (t, row) => {
		const found = await copyFollowed(t, row, ({ process, address }) => {
			const dirty = () =>
				pageEntries(process.id, address, pages).flatMap(({ softDirty }, page) =>
					softDirty ? [page] : [],
				);
			t.is(dirty().length, pages, 'pages that are dirty before');
			writeFileSync(`/proc/${process.id}/clear_refs`, '4');
			t.deepEqual(dirty(), [], 'pages that are dirty when the bits are cleared');
			return Promise.resolve(dirty);
		});
		t.deepEqual(found, isWritten(row) ? copied : []);
	},
});

defineTable({
	rows,
	title: (row) => `PAGEMAP_SCAN: ${titleOf(row)}`,
	needs: ({ way }) => ({ ...needsOf(way), minimumVersion: '6.7', config: ['CONFIG_USERFAULTFD'] }),
	check: async (t, row) => {
		const found = await copyFollowed(t, row, async ({ process, address }) => {
			const length = pages * pageSize;
			await registerUserfault(process, { address, length }, 'written');
			const written = async () => {
				const answer = await process.request(`written-pages 0x${address.toString(16)} ${length}`);
				return answer.split(' ').slice(1).map(Number);
			};
			await written();
			t.deepEqual(await written(), [], 'pages written since a moment ago');
			return written;
		});
		t.deepEqual(found, isWritten(row) ? copied : []);
	},
});
