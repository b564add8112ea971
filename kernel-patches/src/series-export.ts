// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { exists, withTemporary } from './files.js';
import { formatSeries } from './format-series.js';
import { findCommit, git, tryGit } from './git.js';
import { withLock } from './lock.js';
import { reportStage, type Reporter } from './reporter.js';
import type { Series } from './series.js';
import {
	findUnsavedWork,
	noteStored,
	requireBranch,
	seriesTree,
	type SeriesTree,
} from './series-tree.js';
import type { KernelSource } from './source.js';
import { stackedSource } from './stacked-source.js';
import { UserError } from './user-error.js';
import { isWorkTreeOf } from './work-tree.js';

/** The branch's commit, if the working tree is in a state that can be exported. */
async function requireExportable(
	source: KernelSource,
	series: Series,
	tree: SeriesTree,
): Promise<string> {
	if (!(await isWorkTreeOf(tree.path, source.repository))) {
		throw new UserError(
			`there is no tree to export at ${tree.path}; make it: npm run series -- apply ${series.name}`,
		);
	}
	const { changes, unfinished } = await findUnsavedWork(tree, source);
	if (unfinished !== undefined) {
		throw new UserError(
			`${tree.path} is in the middle of git ${unfinished}: finish it (--continue) or give it up (--abort), then export`,
		);
	}
	await requireBranch(tree);
	if (changes.length > 0) {
		const list = changes.map((change) => `\n    ${change}`).join('');
		throw new UserError(
			`${tree.path} has changes that are not committed, so they would not be exported:${list}\nCommit them (git commit --fixup and git rebase --autosquash fit them into a patch) or undo them`,
		);
	}
	const tip = await findCommit(source.repository, `refs/heads/${tree.branch}`);
	if (tip === undefined) {
		throw new UserError(
			`${source.repository} has no branch ${tree.branch}; make it: npm run series -- apply ${series.name}`,
		);
	}
	return tip;
}

/** The commits must be a line from the base, and certified by nobody. */
async function checkCommits(source: KernelSource, tip: string, tree: SeriesTree): Promise<void> {
	const { repository, commit: base } = source;
	const { status } = await tryGit(repository, ['merge-base', '--is-ancestor', base, tip]);
	if (status !== 0) {
		const former = (await findCommit(repository, tree.below)) ?? '…';
		throw new UserError(
			`${tree.branch} does not begin at the base ${base.slice(0, 12)}: rebase it (git -C ${tree.path} rebase --onto ${base} ${former} ${tree.branch}) and export again`,
		);
	}
	const merges = await git(repository, ['log', '--merges', '--format=%h %s', `${base}..${tip}`]);
	if (merges !== '') {
		throw new UserError(`${tree.branch} has merges, which are no patches: ${merges.trim()}`);
	}
	const messages = await git(repository, ['log', '-z', '--format=%h %s%n%b', `${base}..${tip}`]);
	const signed = messages.split('\0').filter((message) => /^Signed-off-by:/im.test(message));
	if (signed.length > 0) {
		const list = signed.map((message) => `\n    ${message.split('\n')[0] ?? ''}`).join('');
		throw new UserError(
			`these commits carry a Signed-off-by:${list}\nIt certifies where a change comes from, and only the person who mails a patch can certify that; stored patches carry none. Remove the line (git rebase -i, reword) and export again`,
		);
	}
}

/**
 * Moves the new set into place. Only when all of it is written beside are stored files replaced,
 * and those no longer in the set removed; files that did not change are not touched.
 * @returns what was done, one file a line
 */
async function replaceStored(series: Series, folder: string, names: string[]): Promise<string[]> {
	const done: string[] = [];
	for (const name of names) {
		const [from, to] = [path.join(folder, name), path.join(series.directory, name)];
		if (!exists(to) || !(await readFile(to)).equals(await readFile(from))) {
			await rename(from, to);
			done.push(`wrote ${to}`);
		}
	}
	for (const file of series.patches.filter((patch) => !names.includes(path.basename(patch)))) {
		await rm(file);
		done.push(`removed ${file}`);
	}
	return done;
}

/**
 * Writes the commits of a series' branch back into its folder, as `git format-patch` files that do
 * not depend on the day, the machine or the user's settings: applying and exporting changes no
 * byte. The cover letter keeps its text; its subject, shortlog and diffstat are made anew.
 * @param base the base, without any series
 * @returns what was written and removed, one file a line; empty if nothing changed
 * @throws UserError if there is nothing to export, something uncommitted, or a Signed-off-by
 */
export async function exportSeries(
	base: KernelSource,
	series: Series,
	options: { report: Reporter },
): Promise<string[]> {
	const { report } = options;
	const source = await stackedSource(base, series, report);
	const tree = seriesTree(series);
	return await withLock(`trees/${series.name}`, tree.path, report, async () => {
		const tip = await requireExportable(source, series, tree);
		await checkCommits(source, tip, tree);
		const folder = path.join(path.dirname(series.directory), `.${series.name}.export`);
		const range = { base: source.commit, tip };
		return await reportStage(
			report,
			(done) => `exported ${tree.branch} to ${series.directory}: ${done.length} files changed`,
			() =>
				withTemporary(folder, async () => {
					const names = await formatSeries(source.repository, series, range, folder);
					const done = await replaceStored(series, folder, names);
					await noteStored(tree, source, tip);
					return done;
				}),
		);
	});
}
