// SPDX-License-Identifier: GPL-2.0-only
import { findSeries } from '@fastipc/kernel-patches';
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { coverTable } from '../src/bench/copy/cover-table.js';
import { findRow } from '../src/bench/copy/limits.js';
import { otherWaysTable } from '../src/bench/copy/other-ways-table.js';
import {
	copyRowsSchema,
	coverWithFigures,
	figuresFile,
	readFigures,
} from '../src/series/figures.js';

const crossMemory = await findSeries('cross-memory');
const rows = copyRowsSchema.parse((await readFigures(crossMemory, figuresFile(crossMemory))).rows);

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

test('the other ways are beside the new calls, within a mail', (t) => {
	const [heading, ...lines] = otherWaysTable(rows);
	t.regex(heading ?? '', /^ +4 KiB +ratio +2 MiB +ratio$/);
	for (const line of lines) {
		t.true(line.length <= 73, line);
		t.regex(line, /^\S.*?( +[\d,]{5,} +\d\.\d\d){2}$/);
	}
	t.is(lines.filter((line) => line.includes(' 1.00 ')).length, 3);
});

test('those that hand a message over are held against a call with a hand-over', (t) => {
	const count = (subject: string, bytes: number): number =>
		findRow(rows, subject, 'small', bytes)?.instructions ?? Number.NaN;
	const lines = otherWaysTable(rows);
	const cellsOf = (name: string): string[] =>
		(lines.find((line) => line.startsWith(name)) ?? '').slice(name.length).trim().split(/ +/);
	const both = count('copy_from_process', 4096) + count('handshake', 0);
	t.is(cellsOf('copy_from_process(), hand-over')[0], Math.round(both).toLocaleString('en-US'));
	t.is(cellsOf('shared memory')[1], (count('shared_memory', 4096) / both).toFixed(2));
	const large = count('proc_mem_read', 2 ** 21) / count('copy_from_process', 2 ** 21);
	t.is(cellsOf('pread() of /proc/PID/mem')[3], large.toFixed(2));
});

test('another way that was not measured is named', (t) => {
	t.throws(() => otherWaysTable(rows.filter(({ subject }) => subject !== 'handshake')), {
		message: 'the figures have no handshake of 0 bytes of small memory',
	});
});

for (const name of ['cross-memory', 'af-dbus', 'af-dbus-direct']) {
	test(`the stored cover letter of ${name} has the tables of the stored figures`, async (t) => {
		const series = await findSeries(name);
		const figures = await readFigures(series, figuresFile(series));
		const cover = await readFile(series.cover ?? '', 'utf8');
		t.true(figures.tables.length > 0);
		for (const { lines } of figures.tables) {
			t.true(lines.length > 1);
			t.true(cover.includes(lines.map((line) => `  ${line}\n`).join('')));
		}
		t.is(cover, coverWithFigures(cover, figures));
	});
}

test('a series without a bench has no figures, and one is told which have', async (t) => {
	await t.throwsAsync(readFigures({ ...crossMemory, name: 'man-pages' }, 'x'), {
		message:
			'the series man-pages has no figures; those that have: cross-memory, af-dbus, af-dbus-direct',
	});
});
