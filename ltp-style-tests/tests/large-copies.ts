// SPDX-License-Identifier: GPL-2.0-only
// More than 4 GiB in one call, on mappings that take little memory.
import { expectOutcome } from '../src/calls/expect.js';
import { newWays } from '../src/calls/ways.js';
import { growHugePagePool } from '../src/machine/huge-page-pool.js';
import { defineTable } from '../src/needs/define-test.js';
import { memoryFile } from '../src/process/files.js';
import { pageSize, seedAt } from '../src/process/pattern.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const MFD_HUGETLB = 4;
const hugePage = 2 ** 21;
const times = 2560;
/** A copy begins and ends within a page. */
const [offset, rest] = [12, 7];
const length = (times + 1) * hugePage - offset - rest;
const [oldSeed, newSeed] = [0x64b1, 0x64b2];

/**
 * Maps 5 GiB that are the same huge page over and over, and behind them another one: what ends
 * up there has come all the way.
 */
async function mapLarge(process: TestProcess, seed: number): Promise<bigint> {
	const pages = (2 * hugePage) / pageSize;
	const descriptor = await memoryFile(process, { flags: MFD_HUGETLB, pages, seed });
	const words = [descriptor, hugePage, times, hugePage].join(' ');
	return BigInt(await process.request(`map-repeated ${words}`));
}

defineTable({
	rows: newWays,
	title: (way) => `${way.name}: ${length} bytes in one call`,
	needs: (way) => ({ root: true, config: ['CONFIG_HUGETLBFS'], systemCalls: [way.name] }) as const,
	check: async (t, way) => {
		t.teardown(growHugePagePool(4));
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		const [source, sink] = way.direction === 'from' ? [target, caller] : [caller, target];
		const [from, to] = [await mapLarge(source, newSeed), await mapLarge(sink, oldSeed)];
		const [address, buffer] = way.direction === 'from' ? [from, to] : [to, from];
		const outcome = await caller.copy(way, {
			pid: BigInt(target.id),
			address: address + BigInt(offset),
			length: BigInt(length),
			buffer: buffer + BigInt(offset),
		});
		expectOutcome(t, outcome, length);
		t.is(await sink.check(to, hugePage, newSeed), 'same', 'the first huge page');
		const last = to + BigInt(times * hugePage);
		const end = hugePage - rest;
		t.is(await sink.check(last, end, seedAt(newSeed, hugePage)), 'same', 'the last one');
		const word = 2 * hugePage - 4;
		const behind = last + BigInt(hugePage - 4);
		t.is(await sink.check(behind, 4, seedAt(oldSeed, word)), 'same', 'behind the copy');
	},
});
