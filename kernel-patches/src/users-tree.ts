// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { baseRepository, readBase } from './base.js';
import { cachePath } from './cache.js';
import { completeOrAbsent, exists, readIfPresent, writeWhole } from './files.js';
import { askUsersGit, git } from './git.js';
import { withLock } from './lock.js';
import type { Reporter } from './reporter.js';
import type { KernelSource } from './source.js';
import { UserError } from './user-error.js';

function notLinux(tree: string, reason: string): UserError {
	return new UserError(
		`--tree ${tree} is not a git tree of Linux: ${reason}. Give the top folder of a clone of Linux, with the version to build checked out`,
	);
}

async function ask(tree: string, args: readonly string[]): Promise<string> {
	const { status, stdout, stderr } = await askUsersGit(tree, args);
	if (status !== 0) {
		const reason = stderr.trim().replaceAll('\n', '; ');
		throw notLinux(tree, `git ${args.join(' ')} said "${reason}"`);
	}
	return stdout.trimEnd();
}

/**
 * The version that the top of Linux's Makefile gives, such as `7.3.4` or `7.4.0-rc2`.
 * @returns undefined if the text is not that Makefile
 */
export function parseMakefileVersion(text: string): string | undefined {
	const value = (name: string): string | undefined =>
		new RegExp(`^${name} =[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim();
	const numbers = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(value);
	const isVersion = numbers.every((number) => number !== undefined && /^\d+$/.test(number));
	return isVersion ? `${numbers.join('.')}${value('EXTRAVERSION') ?? ''}` : undefined;
}

/** Checks that a commit has what Linux has, and returns its version. */
async function readVersion(tree: string, commit: string): Promise<string> {
	const { status, stdout } = await askUsersGit(tree, ['show', `${commit}:Makefile`]);
	const version = status === 0 ? parseMakefileVersion(stdout) : undefined;
	if (version === undefined) {
		throw notLinux(tree, 'its Makefile has no VERSION, PATCHLEVEL and SUBLEVEL');
	}
	const parts = ['Kbuild', 'MAINTAINERS', 'arch/x86', 'mm'];
	const listed = await ask(tree, ['ls-tree', '--name-only', commit, '--', ...parts]);
	const missing = parts.filter((part) => !listed.split('\n').includes(part));
	if (missing.length > 0) {
		throw notLinux(tree, `it has no ${missing.join(', ')}`);
	}
	return version;
}

/**
 * A bare repository of ours that borrows the objects of others, such as the user's: commits and
 * work trees made in it leave no trace there.
 */
async function ensureBorrower(
	repository: string,
	objects: readonly string[],
	shallow: string,
): Promise<void> {
	if (!exists(repository)) {
		await completeOrAbsent(repository, async (part) => {
			await git(path.dirname(part), ['init', '--quiet', '--bare', part]);
			await git(part, ['config', 'gc.auto', '0']);
		});
	}
	const alternates = objects.map((folder) => `${folder}\n`).join('');
	await writeWhole(path.join(repository, 'objects', 'info', 'alternates'), alternates);
	const boundary = await readIfPresent(shallow);
	if (boundary !== undefined) {
		await writeWhole(path.join(repository, 'shallow'), boundary);
	}
}

/** Where the files are that the stored patches were made of: with those, git can merge. */
async function pinnedObjects(): Promise<string[]> {
	const objects = path.join(baseRepository((await readBase()).version), 'objects');
	return exists(objects) ? [objects] : [];
}

/**
 * Takes the commit checked out in the user's own Linux tree as the base. The tree and its
 * repository are only read.
 * @throws UserError if it is no git tree, or not Linux's
 */
export async function openUsersTree(tree: string, report: Reporter): Promise<KernelSource> {
	if (!exists(tree)) {
		throw new UserError(`--tree ${tree}: there is no such folder`);
	}
	const top = await realpath(await ask(tree, ['rev-parse', '--show-toplevel']));
	const commit = await ask(top, ['rev-parse', '--verify', 'HEAD^{commit}']);
	const version = await readVersion(top, commit);
	const changes = await ask(top, ['status', '--porcelain', '--untracked-files=no']);
	if (changes !== '') {
		report.say(
			`WARNING: ${top} has uncommitted changes in ${changes.split('\n').length} files; they are not used, only what is committed (${commit.slice(0, 12)})`,
		);
	}
	const suffix = `-${createHash('sha256').update(top).digest('hex').slice(0, 8)}`;
	const repository = cachePath('linux', `tree${suffix}.git`);
	const inside = async (name: string): Promise<string> =>
		path.resolve(top, await ask(top, ['rev-parse', '--git-path', name]));
	const [objects, shallow] = [await inside('objects'), await inside('shallow')];
	await withLock(`linux/tree${suffix}`, top, report, async () => {
		await ensureBorrower(repository, [objects, ...(await pinnedObjects())], shallow);
		await git(repository, ['update-ref', 'refs/fastipc/base', commit]);
	});
	return { repository, commit, version, suffix };
}
