// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { expectedFigures, parseFigure, parseFigures } from '../src/bench/copy/figures.js';
import { requestFor } from '../src/bench/copy/plan.js';
import { savedLines } from './bench-fixtures/saved-passes.js';

const line =
	'{"subject":"pipe","bytes":4096,"memory":"small","iterations":1485,"nanoseconds":12055.69}';

test('a line is a figure', (t) => {
	t.deepEqual(parseFigure(line), {
		subject: 'pipe',
		bytes: 4096,
		memory: 'small',
		iterations: 1485,
		nanoseconds: 12055.69,
	});
});

const broken: readonly (readonly [what: string, line: string])[] = [
	['cut off', line.slice(0, 60)],
	['words', 'copy-bench: pipe: EPIPE (Broken pipe)'],
	['nothing', ''],
	['an unknown kind of memory', line.replace('small', 'large')],
	['a size below zero', line.replace('4096', '-1')],
	['half a byte', line.replace('4096', '4096.5')],
	['no iterations', line.replace('1485', '0')],
	['a cost of nothing', line.replace('12055.69', '0')],
	['a number as text', line.replace('12055.69', '"12055.69"')],
	['a field too few', line.replace('"memory":"small",', '')],
	['a field too many', line.replace('{', '{"rounds":5,')],
];

for (const [what, text] of broken) {
	test(`a broken line is an error that quotes it: ${what}`, (t) => {
		const error = t.throws(() => parseFigure(text));
		t.true(error.message.startsWith('copy-bench printed a line that isn'));
		t.true(error.message.includes(`: ${text}`));
	});
}

test('a real run has what was asked for', (t) => {
	t.is(parseFigures(savedLines('base'), requestFor('base', true)).length, 112);
	t.is(parseFigures(savedLines('release'), requestFor('release', true)).length, 51);
});

test('figures that are missing, doubled or not asked for are errors', (t) => {
	const lines = savedLines('release');
	const request = requestFor('release', true);
	t.throws(() => parseFigures(lines.slice(0, -2), request), {
		message:
			'copy-bench left out 2 figures, the first of them process_vm_writev, 65536 B of thp memory',
	});
	t.throws(() => parseFigures([...lines, ...lines.slice(0, 1)], request), {
		message: /twice, or without being asked: empty_loop, 0 B of small memory/,
	});
	t.throws(() => parseFigures([...lines, line], request), { message: /asked: pipe, 4096 B/ });
});

test('a full run has each size in three kinds of memory, and 64 pages once', (t) => {
	const request = requestFor('release', false);
	t.deepEqual(
		request.sizes,
		[0, 1, 2, 3, 4]
			.map((power) => 4 ** power)
			.concat(
				512,
				[5, 6, 7, 8, 9, 10].map((power) => 4 ** power),
				2 << 20,
				4 << 20,
				16 << 20,
			),
	);
	const expected = expectedFigures(request);
	t.is(expected.length, 1 + 5 * (3 * request.sizes.length + 1));
	t.is(new Set(expected).size, expected.length);
	t.deepEqual(
		expected.filter((name) => name.includes('pages') && name.startsWith('copy_from')),
		['copy_from_process, 64 B of pages memory'],
	);
});
