// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git, reproducibleGitEnvironment } from '../../src/git.js';
import type { KernelSource } from '../../src/source.js';
import { makeTemporaryFolder } from './temporary.js';

const author = {
	GIT_AUTHOR_NAME: 'Ada Author',
	GIT_AUTHOR_EMAIL: 'ada@example.org',
	GIT_AUTHOR_DATE: '1700000000 +0100',
	GIT_COMMITTER_DATE: '1700000000 +0100',
};

/** Commits everything in a working tree. */
export async function commitAll(
	tree: string,
	message: string,
	extra: readonly string[] = [],
): Promise<void> {
	await git(tree, ['add', '--all']);
	await git(tree, ['commit', '--quiet', '--file=-', ...extra], {
		env: { ...reproducibleGitEnvironment(), ...author },
		input: message,
	});
}

/** Writes a file of a working tree. */
export async function writeIn(tree: string, name: string, text: string): Promise<void> {
	await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
	await writeFile(path.join(tree, name), text);
}

const makefile = 'VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\nEXTRAVERSION =\nNAME = Tiny\n';

const memoryFile = Array.from({ length: 40 }, (_value, index) => `line ${index + 1}\n`).join('');

/** A git tree that has of Linux what the checks look for. */
export async function makeTinyLinux(t: ExecutionContext): Promise<string> {
	const tree = path.join(await makeTemporaryFolder(t), 'linux');
	await mkdir(tree);
	await git(tree, ['init', '--quiet', '--initial-branch=main']);
	await writeIn(tree, 'Makefile', makefile);
	await writeIn(tree, 'Kbuild', 'obj-y += mm/\n');
	await writeIn(tree, 'MAINTAINERS', 'THE REST\n');
	await writeIn(tree, 'arch/x86/Kconfig', 'config X86\n');
	await writeIn(tree, 'mm/memory.c', memoryFile);
	await commitAll(tree, 'Linux 7.3.4');
	return tree;
}

/** A bare repository with a base, as fetching makes it. */
export async function makeSource(t: ExecutionContext): Promise<KernelSource> {
	const tree = await makeTinyLinux(t);
	const repository = path.join(await makeTemporaryFolder(t), '7.3.4.git');
	await git(tree, ['clone', '--quiet', '--bare', tree, repository]);
	const commit = (await git(repository, ['rev-parse', 'HEAD'])).trim();
	return { repository, commit, version: '7.3.4', suffix: '' };
}
