// SPDX-License-Identifier: GPL-2.0-only
import { git, tryGit } from '../git.js';
import type { Patch } from '../patch.js';
import type { CheckedSeries } from './checker.js';
import type { Finding } from './finding.js';

/** Where in a patch something is. */
type Place = Pick<Finding, 'patch' | 'line'>;

/** The first patch that touches a file. */
function firstTouching(patches: readonly Patch[], name: string): Place | undefined {
	for (const patch of patches) {
		const file = patch.files.find(({ path, isDeleted }) => path === name && !isDeleted);
		if (file !== undefined) {
			return { patch: patch.name, line: file.line };
		}
	}
	return undefined;
}

/** The line of a patch that a line of a file comes from, which is as it is with all patches. */
async function originOf(
	{ source, tip, patches }: CheckedSeries,
	commits: readonly string[],
	name: string,
	line: number,
): Promise<Place | undefined> {
	const args = ['blame', '--porcelain', '-L', `${line},${line}`, tip, '--', name];
	const { stdout } = await tryGit(source.repository, args);
	const [, commit = '', original] = /^([0-9a-f]+) (\d+) /.exec(stdout) ?? [];
	const patch = patches[commits.indexOf(commit)];
	const added = patch?.files
		.find(({ path }) => path === name)
		?.added.find(({ fileLine }) => fileLine === Number(original));
	return patch && added && { patch: patch.name, line: added.line };
}

/**
 * Findings in files as they are with all patches, as findings in the patches. Those in lines that no
 * patch adds, or in files that none touches, stay as they are.
 */
export async function inPatches(
	checked: CheckedSeries,
	findings: readonly Finding[],
): Promise<Finding[]> {
	if (findings.length === 0) {
		return [];
	}
	const { source, tip, patches } = checked;
	const range = `${source.commit}..${tip}`;
	const list = await git(source.repository, ['rev-list', '--reverse', range]);
	const commits = list.split('\n');
	const placed = findings.map(async (finding): Promise<Finding> => {
		const { patch, file, line } = finding;
		if (patch !== undefined || file === undefined) {
			return finding;
		}
		const place =
			line === undefined
				? firstTouching(patches, file)
				: await originOf(checked, commits, file, line);
		return { ...finding, ...place };
	});
	return await Promise.all(placed);
}
