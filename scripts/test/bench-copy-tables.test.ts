// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { formatBytes, formatCount, formatRatio } from '../src/bench/copy/format.js';
import { judge } from '../src/bench/copy/limits.js';
import { joinPasses } from '../src/bench/copy/rows.js';
import { copyTables, describeJudgements, shortCopyTable } from '../src/bench/copy/tables.js';
import { savedPass } from './bench-fixtures/saved-passes.js';

const rows = joinPasses([savedPass('base'), savedPass('release')]);

/** The cells of each row that begins so, over all tables. */
function rowsOf(text: string, memory: string, bytes: string): string[][] {
	return text
		.split('\n')
		.map((line) => line.split('│').map((cell) => cell.trim()))
		.map((cells) => cells.slice(1, -1))
		.filter(([first, second]) => first === memory && second === bytes)
		.map((cells) => cells.slice(2));
}

test('a row has counts, ratios, and the limits beside them', (t) => {
	const [comparison, patched, others] = rowsOf(copyTables(rows), 'small', '64 KiB');
	t.deepEqual(comparison, [
		'8,236',
		'19,693',
		'10,373',
		'0.527 ≤ 0.55 ✓',
		'19,571',
		'10,638',
		'0.544 ≤ 0.55 ✓',
	]);
	t.deepEqual(patched, ['10,699', '0.543 ≤ 0.60 ✓', '10,981', '0.561 ≤ 0.60 ✓']);
	t.is(others?.length, 8);
});

test('huge pages are held against the floor as well', (t) => {
	const [comparison] = rowsOf(copyTables(rows), 'thp', '2 MiB');
	t.is(comparison?.length, 9);
	t.deepEqual(comparison?.slice(-2), ['1.004 ≤ 1.03 ✓', '1.004 ≤ 1.03 ✓']);
});

test('a missed limit is marked, and said in words', (t) => {
	const [comparison] = rowsOf(shortCopyTable(rows), 'small', '512 B');
	t.is(comparison?.at(-1), '0.6001 ≤ 0.60 ✗');
	t.deepEqual(describeJudgements(judge(rows)).split('\n'), [
		'✗ copy_to_process, 512 B of small memory: 0.6001 of process_vm_writev, at most 0.60 is allowed',
		'1 of 22 limits missed',
	]);
	t.is(describeJudgements(judge(rows).slice(0, 1)), 'all 1 limits kept');
});

test('unit, baseline, floor and the cost of the loop are said', (t) => {
	for (const text of [copyTables(rows), shortCopyTable(rows)]) {
		t.regex(text, /^Instructions for one message/);
		t.regex(text, /^Baseline: process_vm_readv and process_vm_writev of the unpatched kernel/m);
		t.regex(text, /^Floor: the same bytes copied once by the kernel's own loop/m);
		t.regex(text, /^The measuring loop itself, not subtracted anywhere: 10\.$/m);
	}
	t.regex(copyTables(rows), /^Nanoseconds: not measured/m);
});

test('times have tables of their own, without limits', (t) => {
	const timed = rows.map((row) => ({ ...row, nanoseconds: row.instructions * 3 }));
	const text = copyTables(timed);
	t.notRegex(text, /^Nanoseconds: not measured/m);
	t.deepEqual(rowsOf(text, 'small', '64 KiB')[3], [
		'24,708',
		'59,078',
		'31,119',
		'0.527',
		'58,712',
		'31,914',
		'0.544',
	]);
});

test('numbers as people write them', (t) => {
	t.deepEqual([1, 512, 1024, 1536, 65536, 2 << 20].map(formatBytes), [
		'1 B',
		'512 B',
		'1 KiB',
		'1536 B',
		'64 KiB',
		'2 MiB',
	]);
	t.is(formatCount(583657.6), '583,658');
	t.is(formatRatio(0.52672), '0.527');
	t.is(formatRatio(0.60003, 0.6), '0.60003');
	t.is(formatRatio(0.5997, 0.6), '0.600');
});
