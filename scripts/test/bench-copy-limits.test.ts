// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { judge, limits, type Limit } from '../src/bench/copy/limits.js';
import { joinPasses, type CopyRow } from '../src/bench/copy/rows.js';
import type { MemoryKind } from '../src/bench/copy/subjects.js';
import { savedPass } from './bench-fixtures/saved-passes.js';

const rows = joinPasses([savedPass('base'), savedPass('release')]);

function row(subject: string, bytes: number, memory: MemoryKind, instructions: number): CopyRow {
	return { subject, bytes, memory, instructions, nanoseconds: null };
}

test('the limits of saved figures', (t) => {
	const judgements = judge(rows);
	// Per direction: 3 sizes in 2 memories, 64 KiB and 2 MiB small, the floor; the patched peers.
	t.is(judgements.length, 2 * (3 * 2 + 2 + 1 + 2));
	t.deepEqual(
		judgements
			.filter(({ kept }) => !kept)
			.map(({ subject, bytes, memory }) => [subject, bytes, memory]),
		[['copy_to_process', 512, 'small']],
	);
	const floor = judgements.find(
		({ subject, baseline }) => subject === 'copy_from_process' && baseline === 'floor',
	);
	t.like(floor, { memory: 'thp', bytes: 2 << 20, atMost: 1.03, kept: true });
	t.true(Math.abs((floor?.ratio ?? 0) - 1.0044) < 0.0005);
});

// What is asked for, by size and memory; 0 where nothing is.
const asked: readonly (readonly [memory: MemoryKind, bytes: number, atMost: number])[] = [
	['small', 1, 0.6],
	['small', 512, 0.6],
	['scattered', 64, 0.6],
	['thp', 256, 0.6],
	['small', 1024, 0],
	['small', 4096, 0.7],
	['scattered', 4096, 0.7],
	['small', 16 << 10, 0],
	['small', 64 << 10, 0.55],
	['small', 16 << 20, 0.55],
	['scattered', 64 << 10, 0.59],
	['scattered', 2 << 20, 0.59],
	['thp', 64 << 10, 0],
	['pages', 64, 0],
];

for (const [memory, bytes, atMost] of asked) {
	test(`the limit for ${bytes} B of ${memory} memory is ${atMost}`, (t) => {
		for (const [call, peer] of [
			['copy_from_process', 'process_vm_readv'],
			['copy_to_process', 'process_vm_writev'],
		] as const) {
			const two = [row(call, bytes, memory, atMost * 1000), row(peer, bytes, memory, 1000)];
			const found = judge(two);
			t.deepEqual(
				found.map((one) => [one.baseline, one.atMost, one.kept]),
				atMost === 0 ? [] : [[peer, atMost, true]],
			);
		}
	});
}

test('a limit is kept up to its figure and missed from there on', (t) => {
	const given: Limit[] = [
		{ pairs: [['one', 'other']], memories: ['thp'], bytes: [1, 9], atMost: 0.5 },
	];
	const ratioOf = (instructions: number) =>
		judge([row('one', 9, 'thp', instructions), row('other', 9, 'thp', 200)], given);
	t.like(ratioOf(100)[0], { ratio: 0.5, kept: true });
	t.like(ratioOf(100.01)[0], { kept: false });
});

test('a figure without its baseline is an error', (t) => {
	t.throws(() => judge([row('copy_to_process', 1, 'small', 1254)], limits), {
		message: 'copy_to_process was measured without process_vm_writev: 1 B, small',
	});
});
