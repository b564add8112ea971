// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../src/git.js';
import { UserError } from '../src/user-error.js';
import { openUsersTree, parseMakefileVersion } from '../src/users-tree.js';
import { checkOut } from '../src/work-tree.js';
import { createRecorder } from './helpers/recorder.js';
import { makeTemporaryFolder, useTemporaryCache } from './helpers/temporary.js';
import { makeTinyLinux } from './helpers/tiny-linux.js';

/** A hash over all files below a folder: their names and what is in them. */
async function fingerprint(folder: string): Promise<string> {
	const hash = createHash('sha256');
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()) {
		hash.update(`${file}\n`).update(await readFile(file));
	}
	return hash.digest('hex');
}

test('reads the version out of the top Makefile', (t) => {
	const text = '# SPDX\nVERSION = 7\nPATCHLEVEL = 4\nSUBLEVEL = 0\nEXTRAVERSION = -rc2\nNAME = X\n';
	t.is(parseMakefileVersion(text), '7.4.0-rc2');
	t.is(
		parseMakefileVersion('VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\nEXTRAVERSION =\n'),
		'7.3.4',
	);
	t.is(parseMakefileVersion('all:\n\tcc x.c\n'), undefined);
});

test.serial("uses the user's tree without changing a byte in it", async (t) => {
	const cache = await useTemporaryCache(t);
	const tree = await makeTinyLinux(t);
	await writeFile(path.join(tree, 'mm/memory.c'), 'not committed\n');
	const before = await fingerprint(tree);
	const report = createRecorder();
	const source = await openUsersTree(tree, report);
	t.is(source.version, '7.3.4');
	t.regex(source.suffix, /^-[0-9a-f]{8}$/);
	t.regex(
		report.said.join('\n'),
		/WARNING: .* has uncommitted changes in 1 files; they are not used/,
	);
	const checkedOut = path.join(cache, 'build', 'tree');
	await checkOut(source.repository, checkedOut, source.commit, report);
	t.regex(await readFile(path.join(checkedOut, 'mm/memory.c'), 'utf8'), /^line 1\n/);
	t.is(await fingerprint(tree), before);
	t.deepEqual(await openUsersTree(path.join(tree, 'mm'), report), source, 'the same from below');
});

test.serial('a checkout writes only what differs, and heals a damaged tree', async (t) => {
	const cache = await useTemporaryCache(t);
	const report = createRecorder();
	const source = await openUsersTree(await makeTinyLinux(t), report);
	const tree = path.join(cache, 'build', 'tree');
	await checkOut(source.repository, tree, source.commit, report);
	await writeFile(path.join(tree, 'Kbuild'), 'edited\n');
	await rm(path.join(tree, 'mm'), { recursive: true });
	const lock = path.resolve(
		tree,
		(await git(tree, ['rev-parse', '--git-path', 'index.lock'])).trim(),
	);
	await writeFile(lock, '');
	await checkOut(source.repository, tree, source.commit, report);
	t.is(await git(tree, ['status', '--porcelain']), '');
	t.true(report.said.some((line) => line.includes('left by a git that was killed')));
	await rm(path.join(tree, '.git'));
	await checkOut(source.repository, tree, source.commit, report);
	t.is(await git(tree, ['status', '--porcelain']), '');
});

test.serial('names what is wrong with a tree that is not Linux', async (t) => {
	await useTemporaryCache(t);
	const report = createRecorder();
	const folder = await makeTemporaryFolder(t);
	const refused = async (tree: string, message: RegExp): Promise<void> => {
		await t.throwsAsync(openUsersTree(tree, report), { instanceOf: UserError, message });
	};
	await refused(path.join(folder, 'absent'), /there is no such folder/);
	await refused(folder, /is not a git tree of Linux: git rev-parse .* not a git repository/);
	const tree = await makeTinyLinux(t);
	await git(tree, ['rm', '--quiet', '-r', 'arch', 'Kbuild']);
	await git(tree, ['-c', 'user.name=a', '-c', 'user.email=b@c', 'commit', '--quiet', '-m', 'x']);
	await refused(tree, /it has no Kbuild, arch\/x86\./);
	const other = path.join(folder, 'other');
	await mkdir(other);
	await git(other, ['init', '--quiet']);
	await git(other, [
		'-c',
		'user.name=a',
		'-c',
		'user.email=b@c',
		'commit',
		'-qm',
		'x',
		'--allow-empty',
	]);
	await refused(other, /its Makefile has no VERSION/);
});
