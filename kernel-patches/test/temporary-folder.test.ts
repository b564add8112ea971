// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../src/files.js';
import { withTemporaryFolder } from '../src/temporary-folder.js';

test('a folder is lent, for its owner only, and goes with what is in it', async (t) => {
	const lent = await withTemporaryFolder('purpose', async (folder) => {
		t.regex(path.basename(folder), /^fastipc-purpose-/);
		t.is((await stat(folder)).mode & 0o777, 0o700);
		await writeFile(path.join(folder, 'file'), '');
		return folder;
	});
	t.false(exists(lent));
});

test('a folder goes, too, where the work in it fails', async (t) => {
	let lent = '';
	const failure = withTemporaryFolder('purpose', (folder) => {
		lent = folder;
		return Promise.reject(new Error('half way'));
	});
	await t.throwsAsync(failure, { message: 'half way' });
	t.not(lent, '');
	t.false(exists(lent));
});
