// SPDX-License-Identifier: GPL-2.0-only
import { findSeries } from '@fastipc/kernel-patches';
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { coverTable } from '../src/bench/copy/cover-table.js';
import { findRow } from '../src/bench/copy/limits.js';
import {
	coverWithFigures,
	figuresFile,
	figuresHeading,
	readFigures,
} from '../src/series/figures.js';

const series = await findSeries('cross-memory');
const rows = await readFigures(figuresFile(series));

test("a cover letter's table has all of its columns, within a mail's width", (t) => {
	const lines = coverTable(rows);
	t.regex(lines[0] ?? '', / readv +copy_from +new readv +writev +copy_to +new writev$/);
	for (const line of lines) {
		t.true(line.length <= 73, line);
	}
	for (const line of lines.slice(1)) {
		t.regex(line, /^\w+ +\d+ [KM]?i?B( +[\d,]{5,} +\d\.\d\d +\d\.\d\d){2}$/);
	}
});

test('its figures are those of the bench', (t) => {
	const line = coverTable(rows).find((text) => text.startsWith('thp') && text.includes('2 MiB'));
	const [peer, call] = ['process_vm_readv', 'copy_from_process'].map(
		(subject) => findRow(rows, subject, 'thp', 2 ** 21)?.instructions ?? Number.NaN,
	);
	const [, , , count, ratio] = (line ?? '').split(/ +/);
	t.is(count, Math.round(peer ?? Number.NaN).toLocaleString('en-US'));
	t.is(ratio, ((call ?? Number.NaN) / (peer ?? Number.NaN)).toFixed(2));
});

test('a figure that was not measured is named', (t) => {
	t.throws(() => coverTable(rows.filter(({ bytes }) => bytes !== 512)), {
		message: /^the figures have no \w+ of 512 bytes of small memory: measure without --quick$/,
	});
});

test('the stored cover letter has the table of the stored figures', async (t) => {
	const cover = await readFile(series.cover ?? '', 'utf8');
	t.true(cover.includes(`\n${figuresHeading}\n`));
	t.is(cover, coverWithFigures(cover, rows));
});
