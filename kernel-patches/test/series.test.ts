// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findSeries, listSeries, parseSeriesDescription } from '../src/series.js';
import { UserError } from '../src/user-error.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

const description = {
	title: 'mm: copy between processes',
	project: 'linux',
	prefix: 'PATCH',
	lists: ['linux-mm@example.org'],
	options: ['CONFIG_CROSS_MEMORY_COPY'],
	selftests: ['mm/cross_memory'],
};

test('accepts a series.json', (t) => {
	t.deepEqual(
		parseSeriesDescription(JSON.stringify(description)),
		// Not a copy of the type: the text is what counts.
		JSON.parse(JSON.stringify({ ...description, kunit: [], functions: [] })),
	);
});

const broken: [string, Record<string, unknown>, RegExp][] = [
	['no title', { title: '' }, /title/],
	['a title too long for a subject', { title: 'x'.repeat(73) }, /title/],
	['a prefix without PATCH', { prefix: 'RFC' }, /must contain the word PATCH/],
	['a prefix with brackets', { prefix: '[PATCH]' }, /PATCH/],
	['a list that is no address', { lists: ['linux-mm'] }, /lists/],
	['an option without CONFIG_', { options: ['CROSS'] }, /must be CONFIG_NAME/],
	['a selftest without its folder', { selftests: ['cross_memory'] }, /must be FOLDER\/PROGRAM/],
	['a selftest outside of the tree', { selftests: ['../x'] }, /must be FOLDER\/PROGRAM/],
	['a suite of KUnit that is a path', { kunit: ['net/dbus'] }, /must be the name of a suite/],
	['a function that is a pattern', { functions: ['dbus_*'] }, /must be how a C name begins/],
	['an unknown project', { project: 'bsd' }, /project/],
	['an unknown field', { colour: 'red' }, /colour/],
];

for (const [name, change, message] of broken) {
	test(`refuses ${name}`, (t) => {
		const text = JSON.stringify({ ...description, ...change });
		const error = t.throws(() => parseSeriesDescription(text, 'x/series.json'), {
			instanceOf: UserError,
		});
		t.regex(error.message, /^x\/series\.json/);
		t.regex(error.message, message);
	});
}

test('lists series by name, patches in order and the cover letter apart', async (t) => {
	const root = await makeTemporaryFolder(t);
	for (const name of ['b', 'a', 'config']) {
		await mkdir(path.join(root, name));
	}
	await writeFile(path.join(root, 'config', 'guest.config'), '');
	await writeFile(path.join(root, 'a', 'series.json'), JSON.stringify(description));
	await writeFile(path.join(root, 'b', 'series.json'), JSON.stringify(description));
	for (const name of ['0002-y.patch', '0000-cover-letter.patch', '0001-x.patch', 'notes.txt']) {
		await writeFile(path.join(root, 'b', name), '');
	}
	const [a, b, ...others] = await listSeries(root);
	t.deepEqual(others, []);
	t.deepEqual([a?.name, a?.patches, a?.cover], ['a', [], undefined]);
	t.deepEqual(
		b?.patches.map((file) => path.basename(file)),
		['0001-x.patch', '0002-y.patch'],
	);
	t.is(b?.cover, path.join(root, 'b', '0000-cover-letter.patch'));
	await t.throwsAsync(findSeries('c', root), { message: /there is no series c; there is: a, b/ });
});

test('refuses patches with a gap, a number twice, or no series.json', async (t) => {
	const root = await makeTemporaryFolder(t);
	const directory = path.join(root, 'a');
	await mkdir(directory);
	await writeFile(path.join(directory, '0001-x.patch'), '');
	await t.throwsAsync(listSeries(root), { instanceOf: UserError, message: /no series\.json/ });
	await writeFile(path.join(directory, 'series.json'), JSON.stringify(description));
	await writeFile(path.join(directory, '0003-z.patch'), '');
	await t.throwsAsync(listSeries(root), { message: /expected patch 0002 and found 0003-z\.patch/ });
	await rm(path.join(directory, '0003-z.patch'));
	await writeFile(path.join(directory, '0001-w.patch'), '');
	await t.throwsAsync(listSeries(root), { message: /expected patch 0002 and found 0001-x\.patch/ });
});
