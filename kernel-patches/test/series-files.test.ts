// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../src/git.js';
import { readSeries, type Series } from '../src/series.js';
import { writeSeriesFiles } from '../src/series-files.js';
import { UserError } from '../src/user-error.js';
import { commitAll, makeTinyLinux, writeIn } from './helpers/tiny-linux.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

/** A series that adds two files, changes one of them, and changes one of the base. */
async function makeSeries(t: ExecutionContext): Promise<Series> {
	const tree = await makeTinyLinux(t);
	await writeIn(tree, 'net/a/reader.c', 'int read;\n');
	await writeIn(tree, 'net/a/other.c', 'int other;\n');
	await writeIn(tree, 'mm/memory.c', 'changed\n');
	await commitAll(tree, 'first');
	await writeIn(tree, 'net/a/reader.c', 'int read;\nint write;\n');
	await writeIn(tree, 'net/a/reader.h', 'extern int read;\n');
	await commitAll(tree, 'second');
	const directory = path.join(await makeTemporaryFolder(t), 'a');
	await git(tree, ['format-patch', '--quiet', `--output-directory=${directory}`, '-2']);
	const description = {
		title: 'a: b',
		project: 'linux',
		prefix: 'PATCH',
		lists: [],
		options: [],
		selftests: [],
		kunit: [],
		functions: [],
	};
	await writeFile(path.join(directory, 'series.json'), JSON.stringify(description));
	return await readSeries(directory);
}

test('writes the files that a series adds, as they are in the end', async (t) => {
	const series = await makeSeries(t);
	const target = path.join(await makeTemporaryFolder(t), 'sources');
	await writeSeriesFiles(series, 'net/a', 'reader', target);
	t.deepEqual((await readdir(target)).toSorted(), ['reader.c', 'reader.h']);
	t.is(await readFile(path.join(target, 'reader.c'), 'utf8'), 'int read;\nint write;\n');
});

test('does not touch what is the same', async (t) => {
	const series = await makeSeries(t);
	const target = await makeTemporaryFolder(t);
	await writeSeriesFiles(series, 'net/a', 'reader', target);
	const [same, different] = [path.join(target, 'reader.h'), path.join(target, 'reader.c')];
	await utimes(same, 1, 1);
	await writeFile(different, 'spoilt');
	await writeSeriesFiles(series, 'net/a', 'reader', target);
	t.is((await stat(same)).mtimeMs, 1000);
	t.is(await readFile(different, 'utf8'), 'int read;\nint write;\n');
});

test('says which file a series changes without having added it', async (t) => {
	const series = await makeSeries(t);
	const target = await makeTemporaryFolder(t);
	const error = await t.throwsAsync(writeSeriesFiles(series, 'mm', 'memory', target), {
		instanceOf: UserError,
	});
	t.regex(error.message, /mm\/memory\.c/);
});
