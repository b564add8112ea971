// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { inPatches } from '../../src/check/in-patches.js';
import type { Finding } from '../../src/check/finding.js';
import { makeCheckedSeries } from '../helpers/checked-series.js';

test('findings in files are told by the patch and its line that they come from', async (t) => {
	const lines = ['int a;', 'int b;', 'int c;'];
	const text = (...all: readonly string[]): string => `${all.join('\n')}\n`;
	const checked = await makeCheckedSeries(t, { 'mm/a.c': text(...lines) }, [
		{ message: 'mm: first\n\nWhy.\n', files: { 'mm/a.c': text(...lines, 'int first;') } },
		{
			message: 'mm: second\n\nWhy.\n',
			files: { 'mm/a.c': text('int second;', ...lines, 'int first;'), 'mm/b.c': text('int x;') },
		},
	]);
	const about = (file: string | undefined, line?: number): Finding => {
		return { rule: 'a/b', message: 'x', file, line };
	};
	const whole = { ...about('mm/a.c', 1), patch: '0001-x.patch' };
	const found = [
		about('mm/a.c', 1),
		about('mm/a.c', 2),
		about('mm/a.c', 5),
		about('mm/b.c'),
		about('mm/memory.c'),
		about(undefined),
		whole,
	];
	const placed = await inPatches(checked, found);
	const lineOf = (patch: number, line: number): string | undefined =>
		checked.patches[patch]?.text.split('\n')[line - 1];
	t.deepEqual(
		placed.slice(0, 4).map(({ patch = '', line = 0 }) => {
			const number = Number(patch.slice(0, 4));
			return [number, patch === '' ? line : lineOf(number - 1, line)];
		}),
		[
			[2, '+int second;'],
			[0, 2],
			[1, '+int first;'],
			[2, 'diff --git a/mm/b.c b/mm/b.c'],
		],
	);
	t.deepEqual(placed.slice(4), found.slice(4));
});
