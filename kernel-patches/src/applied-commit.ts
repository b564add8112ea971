// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applyMailbox } from './apply-mailbox.js';
import { withTemporary } from './files.js';
import { findCommit, git } from './git.js';
import { withLock } from './lock.js';
import { reportStage, type Reporter } from './reporter.js';
import type { Series } from './series.js';
import type { KernelSource } from './source.js';

/** A hash over the patches of some series, in the order in which they are applied. */
export async function hashPatches(all: readonly Series[]): Promise<string> {
	const hash = createHash('sha256');
	for (const file of all.flatMap((series) => series.patches)) {
		const content = await readFile(file);
		hash.update(`${path.basename(file)} ${content.byteLength}\n`).update(content);
	}
	return hash.digest('hex');
}

/** Writes the files that a series changes: where a patch does not fit, git can only merge those. */
async function checkOutTouched(tree: string, { patches }: Series): Promise<void> {
	const texts = await Promise.all(patches.map((file) => readFile(file, 'utf8')));
	const names = texts.flatMap((text) =>
		Array.from(text.matchAll(/^--- a\/(.+)$/gm), ([, name = '']) => name),
	);
	const there = await git(tree, ['ls-files', '-z', '--', ...new Set(names)]);
	await git(tree, ['checkout-index', '--force', '--index', '-z', '--stdin'], { input: there });
}

/**
 * `git am` in a working tree that has only the files which the patches touch, so it takes a moment
 * instead of writing 1.8 GB.
 */
async function applyAll(
	source: KernelSource,
	all: readonly Series[],
	reference: string,
	report: Reporter,
): Promise<string> {
	const { repository, commit } = source;
	const tree = `${repository}.applying`;
	return await withTemporary(tree, async () => {
		await git(repository, ['worktree', 'prune']);
		const add = ['worktree', 'add', '--quiet', '--detach', '--no-checkout', tree, commit];
		await git(repository, add);
		await git(tree, ['read-tree', 'HEAD']);
		for (const series of all) {
			await checkOutTouched(tree, series);
			const advice = (): string =>
				source.suffix === ''
					? `  Nothing was changed. To see it and put it right: npm run series -- apply ${series.name}`
					: `  Nothing was changed. Linux ${source.version} there differs from the base of the series in those files: it needs a rebase, or a tree without that difference.`;
			await applyMailbox(tree, series, advice, report);
		}
		const applied = await findCommit(tree, 'HEAD');
		if (applied === undefined) {
			throw new Error(`${tree} has no commit after git am`);
		}
		await git(repository, ['update-ref', reference, applied]);
		await git(repository, ['worktree', 'remove', '--force', tree]);
		return applied;
	});
}

/**
 * The commit that the base becomes with all those series applied. It is made once and remembered
 * in the repository.
 * @throws UserError if a patch does not apply
 */
export async function ensureAppliedCommit(
	source: KernelSource,
	all: readonly Series[],
	report: Reporter,
): Promise<string> {
	const { repository, commit } = source;
	if (all.every((series) => series.patches.length === 0)) {
		return commit;
	}
	const reference = `refs/fastipc/applied/${commit.slice(0, 16)}-${(await hashPatches(all)).slice(0, 16)}`;
	const lock = `apply/${path.basename(repository)}`;
	return await withLock(lock, `the patches on ${repository}`, report, async () => {
		const names = all.map((series) => series.name).join(', ');
		return (
			(await findCommit(repository, reference)) ??
			(await reportStage(
				report,
				(applied) => `applied ${names} to ${commit.slice(0, 12)}: commit ${applied.slice(0, 12)}`,
				() => applyAll(source, all, reference, report),
			))
		);
	});
}
