// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { cachePath } from './cache.js';
import { exists } from './files.js';
import { findCommit, git } from './git.js';
import type { Series } from './series.js';
import type { KernelSource } from './source.js';
import { UserError } from './user-error.js';
import { isWorkTreeOf } from './work-tree.js';

/** A series as it is being worked on: a working tree with a branch. */
export interface SeriesTree {
	/** The working tree's path. */
	path: string;
	/** The branch, named as the series. */
	branch: string;
	/** The branch's commit when the series was last applied or exported. */
	reference: string;
	/** The commit that the series was then on top of. */
	below: string;
}

/** Where a series is worked on. */
export function seriesTree(series: Series): SeriesTree {
	return {
		path: cachePath('trees', series.name),
		branch: series.name,
		reference: `refs/fastipc/stored/${series.name}`,
		below: `refs/fastipc/below/${series.name}`,
	};
}

/** What has not been written back into the series' folder. */
export interface UnsavedWork {
	/** Uncommitted changes, one `XY path` each, as git status prints them. */
	changes: string[];
	/** The branch's commit, if it is another one than the stored patches made. */
	tip: string | undefined;
	/** The git operation that waits to be continued or aborted. */
	unfinished: 'am' | 'rebase' | undefined;
}

/** Remembers that the branch is what is stored. */
export async function noteStored(
	tree: SeriesTree,
	source: KernelSource,
	tip: string,
): Promise<void> {
	await git(source.repository, ['update-ref', tree.reference, tip]);
	await git(source.repository, ['update-ref', tree.below, source.commit]);
}

/**
 * Finds what would be lost if the working tree were made anew.
 * @param source what the series goes on top of
 */
export async function findUnsavedWork(
	tree: SeriesTree,
	source: KernelSource,
): Promise<UnsavedWork> {
	const { repository } = source;
	const [tip, ...saved] = await Promise.all([
		findCommit(repository, `refs/heads/${tree.branch}`),
		findCommit(repository, tree.reference),
		findCommit(repository, tree.below),
	]);
	const unsavedTip = saved.includes(tip) || tip === source.commit ? undefined : tip;
	if (!(await isWorkTreeOf(tree.path, repository))) {
		return { changes: [], tip: unsavedTip, unfinished: undefined };
	}
	const status = await git(tree.path, ['status', '--porcelain', '--untracked-files=no']);
	const inGit = async (name: string): Promise<boolean> => {
		const found = (await git(tree.path, ['rev-parse', '--git-path', name])).trim();
		return exists(path.resolve(tree.path, found));
	};
	const applying = await inGit('rebase-apply/applying');
	const rebasing = (await inGit('rebase-merge')) || (await inGit('rebase-apply'));
	return {
		changes: status.split('\n').filter((line) => line !== ''),
		tip: unsavedTip,
		unfinished: applying ? 'am' : rebasing ? 'rebase' : undefined,
	};
}

/**
 * The working tree must have the series' branch checked out.
 * @throws UserError that names the branch that it has, and says how to check the series' out
 */
export async function requireBranch(tree: SeriesTree): Promise<void> {
	const branch = (await git(tree.path, ['rev-parse', '--abbrev-ref', 'HEAD'])).trim();
	if (branch !== tree.branch) {
		throw new UserError(
			`${tree.path} has ${branch} checked out instead of the branch ${tree.branch}: check that out (git -C ${tree.path} switch ${tree.branch}) and run the command again`,
		);
	}
}
