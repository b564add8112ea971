// SPDX-License-Identifier: GPL-2.0-only
// What the manual pages say is there, and nothing else, is in the series for Linux.
import test, { type ExecutionContext } from 'ava';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { callsInTable } from '../src/numbers/system-calls.js';
import { readPatch } from '../src/patch.js';
import { findSeries, listSeries, type Series } from '../src/series.js';
import { writeSeriesFiles } from '../src/series-files.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

/** A file that a series, or one below it, adds, as it is in the end. */
async function fileOf(t: ExecutionContext, series: Series, file: string): Promise<string> {
	const folder = await makeTemporaryFolder(t);
	const { dir, base } = path.parse(file);
	await writeSeriesFiles(series, dir, base, folder);
	return await readFile(path.join(folder, base), 'utf8');
}

/** The topmost series about D-Bus: it has what all of them add. */
async function dbusSeries(): Promise<Series> {
	const all = (await listSeries()).filter(({ name }) => name.startsWith('af-dbus'));
	return all.at(-1) ?? (await findSeries('af-dbus'));
}

async function page(t: ExecutionContext, file: string): Promise<string> {
	return await fileOf(t, await findSeries('man-pages'), file);
}

function sorted(words: Iterable<string>): string[] {
	return [...new Set(words)].toSorted();
}

/** All words of a text that a pattern matches. */
function words(text: string, pattern: RegExp): string[] {
	return sorted(Array.from(text.matchAll(pattern), ([word]) => word));
}

const errno = /\bE[A-Z]{3,}\b/g;

/** The errnos that a page lists, each as the tag of a paragraph or in a sentence of its own. */
function errnosOf(text: string): string[] {
	const [, errors = ''] = /^\.SH ERRORS\n([\s\S]*?)^\.SH /m.exec(text) ?? [];
	return sorted(Array.from(errors.matchAll(/^\.B (E[A-Z]+)$/gm), ([, name = '']) => name));
}

/** The comments in kernel-doc's form above the system calls. */
function kernelDocs(source: string): string {
	return Array.from(
		source.matchAll(/\/\*\*\n[\s\S]*?\*\/\nSYSCALL_DEFINE/g),
		([text]) => text,
	).join('\n');
}

test('copy_from_process(2) has the errnos of the kernel-doc and of the document, and no other', async (t) => {
	const series = await findSeries('cross-memory');
	const text = await page(t, 'man/man2/copy_from_process.2');
	const docs = kernelDocs(await fileOf(t, series, 'mm/cross_memory.c'));
	t.is(docs.match(/SYSCALL_DEFINE/g)?.length, 2);
	t.true(errnosOf(text).length > 0);
	t.deepEqual(
		errnosOf(text),
		sorted(Array.from(docs.matchAll(/%-(E[A-Z]+)/g), ([, name = '']) => name)),
	);
	const document = await fileOf(t, series, 'Documentation/userspace-api/copy_from_process.rst');
	t.deepEqual(errnosOf(text), words(document, errno));
});

test('copy_from_process(2) has the flags of the header, and no other', async (t) => {
	const text = await page(t, 'man/man2/copy_from_process.2');
	const header = await fileOf(
		t,
		await findSeries('cross-memory'),
		'include/uapi/linux/cross_memory.h',
	);
	t.deepEqual(words(text, /\bCOPY_PROCESS_[A-Z]\w*/g), words(header, /\bCOPY_PROCESS_[A-Z]\w*/g));
});

test('each new system call has a page, and the page its prototype', async (t) => {
	const text = await page(t, 'man/man2/copy_from_process.2');
	const { patches } = await findSeries('cross-memory');
	const all = await Promise.all(patches.map(readPatch));
	const table = all
		.flatMap(({ files }) => files.filter((file) => file.path === 'scripts/syscall.tbl'))
		.flatMap(({ added }) => added.map((line) => line.text));
	const calls = callsInTable(table.join('\n')).map(({ name }) => name);
	t.deepEqual(
		sorted(Array.from(text.matchAll(/\bSYS_(\w+),/g), ([, name = '']) => name)),
		calls.toSorted(),
	);
	for (const call of calls) {
		const own = await page(t, `man/man2/${call}.2`);
		t.true(own === text || own === '.so man2/copy_from_process.2\n', call);
	}
});

test('af_dbus(7) has the errnos of the document, and no other', async (t) => {
	const text = await page(t, 'man/man7/af_dbus.7');
	const document = await fileOf(t, await dbusSeries(), 'Documentation/networking/af_dbus.rst');
	t.true(errnosOf(text).length > 0);
	t.deepEqual(errnosOf(text), words(document, errno));
});

test('af_dbus(7) has the options, flags and members of the header, and no other', async (t) => {
	const text = await page(t, 'man/man7/af_dbus.7');
	const header = await fileOf(t, await dbusSeries(), 'include/uapi/linux/dbus.h');
	const defined = Array.from(header.matchAll(/^#define (DBUS_\w+)/gm), ([, name = '']) => name);
	t.deepEqual(words(text, /\bDBUS_[A-Z]\w*/g), sorted(defined));
	const members = (from: string): string[] => {
		const [, body = ''] = /^struct dbus_connection_info \{\n([\s\S]*?)^\};/m.exec(from) ?? [];
		return body
			.trim()
			.split('\n')
			.map((line) => line.trim().replaceAll(/\s+/g, ' '))
			.filter((line) => !line.startsWith('/*'));
	};
	t.true(members(header).length > 1);
	t.deepEqual(members(text), members(header));
});

test('af_dbus(7) has the sysctls of the code, and no other', async (t) => {
	const text = await page(t, 'man/man7/af_dbus.7');
	const folder = await makeTemporaryFolder(t);
	await writeSeriesFiles(await dbusSeries(), 'net/dbus', '', folder);
	const sources = (await readdir(folder)).filter((name) => name.endsWith('.c'));
	const code = await Promise.all(sources.map((name) => readFile(path.join(folder, name), 'utf8')));
	const names = Array.from(
		code.join('\n').matchAll(/\.procname\s*=\s*"(\w+)"|^\tDBUS_SETTING\((\w+)/gm),
		([, name, setting = '']) => name ?? setting,
	);
	const shown = Array.from(
		text.matchAll(/\/proc\/sys\/net\/dbus\/(\w+)/g),
		([, name = '']) => name,
	);
	t.deepEqual(sorted(shown), sorted(names));
});

test('af_dbus(7) has the counts of the lines direct of /proc/net/dbus, and no other', async (t) => {
	const text = await page(t, 'man/man7/af_dbus.7');
	const code = await fileOf(t, await dbusSeries(), 'net/dbus/listing.c');
	const [, shows = ''] = /^static void dbus_show_direct\(([\s\S]*?)^\}/m.exec(code) ?? [];
	const reasons = Array.from(
		shows.matchAll(/\[DBUS_LEFT_\w+\]\s*= "(\w+)"/g),
		([, reason = '']) => `left_${reason}`,
	);
	t.true(reasons.length > 0);
	const counts = Array.from(shows.matchAll(/ (\w+)=%/g), ([, name = '']) => name);
	const [, described = ''] = /^\.I direct\nhas the number([\s\S]*?)^These files/m.exec(text) ?? [];
	const shown = Array.from(described.matchAll(/^\.IR? (.*)$/gm), ([, tag = '']) => tag);
	t.deepEqual(
		sorted(shown.flatMap((tag) => words(tag, /\b[a-z_]+\b/g))),
		sorted([...counts, ...reasons]),
	);
	const document = await fileOf(t, await dbusSeries(), 'Documentation/networking/af_dbus.rst');
	t.deepEqual(words(document, /^left_\w+/gm), sorted(reasons));
});
