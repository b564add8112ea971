// SPDX-License-Identifier: GPL-2.0-only
import { realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { exists, requireSpace } from './files.js';
import { git, tryGit } from './git.js';
import type { Reporter } from './reporter.js';

/** A checked-out Linux, in bytes: 1.8 GB were seen. */
const treeSpace = 2e9;

/** Whether `tree` is a working tree of that repository (and not of one since removed). */
export async function isWorkTreeOf(tree: string, repository: string): Promise<boolean> {
	if (!exists(path.join(tree, '.git')) || !exists(repository)) {
		return false;
	}
	const { status, stdout } = await tryGit(tree, ['rev-parse', '--git-common-dir']);
	if (status !== 0) {
		return false;
	}
	const common = path.resolve(tree, stdout.trim());
	return (await realpath(common)) === (await realpath(repository));
}

/** Removes the lock that a killed git left on a working tree's index. */
async function removeStaleIndexLock(tree: string, report: Reporter): Promise<void> {
	const { stdout } = await tryGit(tree, ['rev-parse', '--git-path', 'index.lock']);
	const lock = path.resolve(tree, stdout.trim());
	if (exists(lock)) {
		report.say(`removing ${lock}, left by a git that was killed`);
		await rm(lock);
	}
}

/**
 * Checks out a commit in a working tree of our own, made if need be. Only files that differ are
 * written, so that make builds only what depends on them. Local changes there are thrown away.
 * The caller holds the lock on the tree.
 */
export async function checkOut(
	repository: string,
	tree: string,
	commit: string,
	report: Reporter,
): Promise<void> {
	if (await isWorkTreeOf(tree, repository)) {
		await removeStaleIndexLock(tree, report);
		await git(tree, ['reset', '--quiet', '--hard', commit], { report });
		return;
	}
	await rm(tree, { recursive: true, force: true });
	await requireSpace(path.dirname(repository), treeSpace, `checking out ${tree}`);
	await git(repository, ['worktree', 'prune']);
	const args = ['worktree', 'add', '--quiet', '--force', '--detach', '--no-checkout', tree, commit];
	await git(repository, args);
	await git(tree, ['reset', '--quiet', '--hard', commit], { report });
}
