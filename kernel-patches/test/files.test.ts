// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { completeOrAbsent, requireSpace, writeWhole } from '../src/files.js';
import { UserError } from '../src/user-error.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

test('a file is there only when it is complete', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const target = path.join(folder, 'file');
	await completeOrAbsent(target, async (part) => {
		await writeFile(part, 'whole');
		t.deepEqual(await readdir(folder), ['file.part']);
	});
	t.deepEqual(await readdir(folder), ['file']);
});

test('a failure leaves nothing behind, nor does an earlier part', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const target = path.join(folder, 'entry');
	await mkdir(`${target}.part`);
	await writeFile(path.join(`${target}.part`, 'old'), '');
	const failure = completeOrAbsent(target, async (part) => {
		t.deepEqual(await readdir(folder), []);
		await mkdir(part);
		throw new Error('half way');
	});
	await t.throwsAsync(failure, { message: 'half way' });
	t.deepEqual(await readdir(folder), []);
});

test('a disk that gets full is said in words', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const failure = completeOrAbsent(path.join(folder, 'file'), async (part) => {
		await writeFile(part, 'half');
		throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
	});
	await t.throwsAsync(failure, {
		instanceOf: UserError,
		message:
			/the disk that holds .* is full while writing .*: free some space or set XDG_CACHE_HOME/,
	});
	t.deepEqual(await readdir(folder), []);
});

test('too little space is said before the work begins', async (t) => {
	const folder = await makeTemporaryFolder(t);
	await requireSpace(folder, 1, 'a test');
	await t.throwsAsync(requireSpace(folder, 1e18, 'a test'), {
		instanceOf: UserError,
		message: /^a test needs 1000000000\.0 GB in .*, and its disk has [\d.]+ GB free: /,
	});
});

test('a file that holds the same text already is not touched', async (t) => {
	const file = path.join(await makeTemporaryFolder(t), 'file');
	await writeWhole(file, 'a');
	const { ino, mtimeMs } = await stat(file);
	await writeWhole(file, 'a');
	t.deepEqual([(await stat(file)).ino, (await stat(file)).mtimeMs], [ino, mtimeMs]);
	await writeWhole(file, 'b');
	t.is(await readFile(file, 'utf8'), 'b');
});
