// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applyMailbox, type AmFailure } from './apply-mailbox.js';
import { formatSeries } from './format-series.js';
import { findCommit, git, tryGit } from './git.js';
import { withLock } from './lock.js';
import { reportStage, type Reporter } from './reporter.js';
import type { Series } from './series.js';
import {
	findUnsavedWork,
	noteStored,
	seriesTree,
	type SeriesTree,
	type UnsavedWork,
} from './series-tree.js';
import type { KernelSource } from './source.js';
import { stackedSource } from './stacked-source.js';
import { withTemporaryFolder } from './temporary-folder.js';
import { UserError } from './user-error.js';
import { checkOut } from './work-tree.js';

/** Refuses to throw a developer's work away. */
function requireNothingUnsaved(tree: SeriesTree, unsaved: UnsavedWork, series: Series): void {
	const reasons = [
		unsaved.unfinished !== undefined && `an unfinished git ${unsaved.unfinished}`,
		unsaved.changes.length > 0 && `uncommitted changes (${unsaved.changes.join(', ')})`,
		unsaved.tip !== undefined &&
			`commits on ${tree.branch} that were not exported (up to ${unsaved.tip.slice(0, 12)})`,
	].filter((reason) => reason !== false);
	if (reasons.length > 0) {
		throw new UserError(
			`${tree.path} has ${reasons.join(' and ')}, which applying the stored patches anew would throw away. Keep them: commit, then npm run series -- export ${series.name}. Or throw them away: npm run series -- apply --force ${series.name}`,
		);
	}
}

/** Before work is thrown away by force, its commits get a name under which they can be found. */
async function keepBackup(
	source: KernelSource,
	tree: SeriesTree,
	unsaved: UnsavedWork,
	report: Reporter,
): Promise<void> {
	const { repository } = source;
	const changes =
		unsaved.changes.length > 0 ? await tryGit(tree.path, ['stash', 'create']) : undefined;
	const commit = changes?.stdout.trim() || unsaved.tip;
	if (commit !== undefined) {
		const name = `refs/fastipc/backup/${tree.branch}/${commit.slice(0, 12)}`;
		await git(repository, ['update-ref', name, commit]);
		report.say(`what was there can be found again as ${name} in ${repository}`);
	}
	if (unsaved.unfinished !== undefined) {
		await git(tree.path, [unsaved.unfinished, '--quit'], { report });
	}
}

/** Advice after `git am` stopped in the developer's own tree. */
function describeNextStep(tree: SeriesTree, failure: AmFailure, name: string): string {
	const resolve = failure.inConflict
		? `The conflicts are marked in those files: resolve them, git add them, then git am --continue.`
		: `Put the change in by hand, git add it, then git am --continue (git am --show-current-patch=diff shows it).`;
	return `  ${tree.path} is in the middle of git am, with the patches before this one applied.
  ${resolve} When all patches are in: npm run series -- export ${name}. To give up: git am --abort`;
}

/**
 * Finds stored files that an export would write otherwise, such as for notes below the `---`.
 * @param source what the series goes on top of
 * @param tip the commit with the series applied
 * @param folder an empty one, to write to
 */
export async function findDifferences(
	source: KernelSource,
	series: Series,
	tip: string,
	folder: string,
): Promise<string[]> {
	const names = await formatSeries(source.repository, series, { base: source.commit, tip }, folder);
	const stored = [...(series.cover === undefined ? [] : [series.cover]), ...series.patches];
	const same = await Promise.all(
		stored.map(async (file) => {
			const name = path.basename(file);
			const written = names.includes(name) && (await readFile(path.join(folder, name)));
			return written !== false && written.equals(await readFile(file));
		}),
	);
	return stored.filter((_file, index) => same[index] !== true);
}

/** Names stored files that an export would write otherwise. */
async function warnOfDifferences(
	source: KernelSource,
	series: Series,
	tip: string,
	report: Reporter,
): Promise<void> {
	await withTemporaryFolder('series', async (folder) => {
		const different = await findDifferences(source, series, tip, folder);
		if (different.length > 0) {
			const list = different.map((file) => `\n    ${file}`).join('');
			report.say(`not as export writes it, so that the next export will change it:${list}`);
		}
	});
}

async function applyAnew(
	source: KernelSource,
	series: Series,
	tree: SeriesTree,
	report: Reporter,
): Promise<void> {
	await checkOut(source.repository, tree.path, source.commit, report);
	await git(tree.path, ['checkout', '--quiet', '-B', tree.branch, source.commit], { report });
	const advice = (failure: AmFailure): string => describeNextStep(tree, failure, series.name);
	await applyMailbox(tree.path, series, advice, report);
	const tip = await findCommit(tree.path, 'HEAD');
	if (tip === undefined) {
		throw new Error(`${tree.path} has no commit after git am`);
	}
	await noteStored(tree, source, tip);
	await warnOfDifferences(source, series, tip, report);
}

/**
 * Makes the working tree in which a series is developed: the base with the series that it goes on
 * top of, then one commit a patch, on a branch of the series' name. Files that are the same already
 * are not written again.
 * @param source the base, without any series
 * @param options.force throw away commits that were not exported and uncommitted changes
 * @returns the path of the working tree
 * @throws UserError if there is unsaved work, or a patch does not apply
 */
export async function applySeries(
	base: KernelSource,
	series: Series,
	options: { force?: boolean; report: Reporter },
): Promise<string> {
	const { report } = options;
	const source = await stackedSource(base, series, report);
	const tree = seriesTree(series);
	return await withLock(`trees/${series.name}`, tree.path, report, async () => {
		const unsaved = await findUnsavedWork(tree, source);
		if (options.force !== true) {
			requireNothingUnsaved(tree, unsaved, series);
		}
		await keepBackup(source, tree, unsaved, report);
		const count = series.patches.length;
		const below = `Linux ${source.version}${series.after === undefined ? '' : ` and ${series.after}`}`;
		await reportStage(
			report,
			() => `${tree.path}: branch ${tree.branch}, ${count} patches on ${below}`,
			() => applyAnew(source, series, tree, report),
		);
		return tree.path;
	});
}
