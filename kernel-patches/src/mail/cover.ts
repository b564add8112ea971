// SPDX-License-Identifier: GPL-2.0-only
import { splitSummary } from '../cover-letter.js';
import { git } from '../git.js';
import type { PreparedSeries } from '../prepared-series.js';

/** What a cover letter gets besides what is stored. */
export interface CoverAdditions {
	/** The tools that helped, as the sender names them; the patches have them as trailers. */
	assistedBy: readonly string[];
	/** What changed since the versions before; empty for the first. */
	changes: string;
	/** What the series applies to, in lines that end the letter. */
	base: string;
	/** The range-diff to the version before; empty for the first. */
	rangeDiff: string;
}

/** Puts the additions into a cover letter: tools and changes above the shortlog, the rest at the end. */
export function completeCover(text: string, additions: CoverAdditions): string {
	const { assistedBy, changes, base, rangeDiff } = additions;
	const { prose, summary } = splitSummary(text);
	const parts = [
		prose,
		assistedBy.map((tool) => `Assisted-by: ${tool}`).join('\n'),
		changes.trimEnd(),
		// A diffstat's lines begin with a space, that of the first line too.
		summary.trimEnd(),
		rangeDiff.trimEnd(),
		base.trimEnd(),
	];
	return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Puts the additions into a patch that has no cover letter: below the `---`, where `git am` stops reading. */
export function completeOnlyPatch(text: string, additions: CoverAdditions): string {
	const { changes, base, rangeDiff } = additions;
	const parts = [changes.trimEnd(), rangeDiff.trimEnd(), base.trimEnd()];
	const below = parts.filter((part) => part !== '').join('\n\n');
	return text.replace('\n---\n', () => `\n---\n${below}\n\n`);
}

/** Stable hashes of the patches that a tree has to have before, oldest first. */
async function prerequisites(repository: string, from: string, to: string): Promise<string[]> {
	const list = await git(repository, ['rev-list', '--reverse', `${from}..${to}`]);
	const ids: string[] = [];
	for (const commit of list.split('\n').filter((line) => line !== '')) {
		const patch = await git(repository, ['diff-tree', '--patch', '--full-index', commit]);
		const id = await git(repository, ['patch-id', '--stable'], { input: patch });
		ids.push(`prerequisite-patch-id: ${id.split(' ')[0] ?? ''}`);
	}
	return ids;
}

/**
 * What a series applies to: a commit, where other people have it, else in words; and the patches
 * of the series below.
 * @param root the base without any series
 */
export async function describeBase(
	{ series, source }: PreparedSeries,
	root: { commit: string },
): Promise<string> {
	const { repository, commit, suffix, version } = source;
	if (series.project !== 'linux') {
		return `base: any tree of ${series.project}, as only files are added`;
	}
	const patches = await prerequisites(repository, root.commit, commit);
	const below = series.after === undefined ? '' : `, and the series ${series.after} on it`;
	return suffix === ''
		? [
				`base: Linux ${version}, as Debian's package linux-source-${version.replace(/\.\d+$/, '')} has it${below}`,
				...patches,
			].join('\n')
		: [`base-commit: ${root.commit}`, ...patches].join('\n');
}
