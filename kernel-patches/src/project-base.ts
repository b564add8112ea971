// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { cachePath } from './cache.js';
import { completeOrAbsent, exists } from './files.js';
import { git, reproducibleGitEnvironment } from './git.js';
import type { KernelOptions } from './kernel.js';
import { withLock } from './lock.js';
import type { Reporter } from './reporter.js';
import type { Series } from './series.js';
import { ensureSource, type KernelSource } from './source.js';
import { UserError } from './user-error.js';

/** A commit of nothing, the same everywhere. */
async function commitNothing(repository: string): Promise<string> {
	const tree = await git(repository, ['mktree'], { input: '' });
	const name = 'fastipc';
	const date = '1970-01-01T00:00:00Z';
	const commit = await git(repository, ['commit-tree', tree.trim(), '-m', 'Nothing'], {
		env: {
			...reproducibleGitEnvironment(),
			GIT_AUTHOR_NAME: name,
			GIT_AUTHOR_EMAIL: 'fastipc@localhost',
			GIT_AUTHOR_DATE: date,
			GIT_COMMITTER_DATE: date,
		},
	});
	return commit.trim();
}

/**
 * What a series of the man-pages project goes on top of: nothing. Its patches add files and change
 * none, so they apply to that project's tree whatever is in it.
 */
async function ensureEmptyBase(report: Reporter): Promise<KernelSource> {
	const repository = cachePath('man-pages', 'empty.git');
	return await withLock('man-pages', repository, report, async () => {
		if (!exists(repository)) {
			await completeOrAbsent(repository, async (part) => {
				await git(path.dirname(part), ['init', '--quiet', '--bare', part]);
			});
		}
		const commit = await commitNothing(repository);
		await git(repository, ['update-ref', 'refs/fastipc/base', commit]);
		return { repository, commit, version: 'man-pages', suffix: '' };
	});
}

/**
 * What a series goes on top of, if it is on top of no other: the pinned Linux, or a tree of the
 * user's; for the man-pages project an empty tree.
 * @throws UserError for everything that a person can put right
 */
export async function ensureProjectBase(
	{ name, project }: Series,
	{ tree, report }: KernelOptions,
): Promise<KernelSource> {
	if (project === 'linux') {
		return await ensureSource(tree, report);
	}
	if (tree !== undefined) {
		throw new UserError(
			`--tree is for series of Linux; ${name} is for ${project}, and only adds files, which apply to any tree`,
		);
	}
	return await ensureEmptyBase(report);
}
