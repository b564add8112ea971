// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { git, reproducibleGitEnvironment } from './git.js';
import type { KernelSource } from './source.js';

/** A series applied: what is below it, and the commit with it. */
export interface AppliedRange {
	source: KernelSource;
	tip: string;
}

/** The environment in which git sees the objects of two of our repositories. */
function withObjectsOf(other: KernelSource): NodeJS.ProcessEnv {
	return {
		...reproducibleGitEnvironment(),
		GIT_ALTERNATE_OBJECT_DIRECTORIES: path.join(other.repository, 'objects'),
	};
}

/** git's range-diff between two versions of a series, whatever they are on top of. */
export async function rangeDiff(before: AppliedRange, after: AppliedRange): Promise<string> {
	const ranges = [before, after].map(({ source, tip }) => `${source.commit}..${tip}`);
	const args = ['range-diff', '--no-color', '--creation-factor=80', ...ranges];
	return await git(after.source.repository, args, { env: withObjectsOf(before.source) });
}

/** The files that a series changes, in one of its versions or the other. */
async function changedFiles(before: AppliedRange, after: AppliedRange): Promise<string[]> {
	const lists = [before, after].map(async ({ source, tip }) => {
		const args = ['diff', '--name-only', '-z', '--no-renames', source.commit, tip];
		return (await git(source.repository, args)).split('\0');
	});
	const names = (await Promise.all(lists)).flat().filter((name) => name !== '');
	return [...new Set(names)].toSorted();
}

/**
 * What changed in the code between two versions of a series: a diff of the kernel's tree, of the
 * files that the series is about.
 */
export async function treeDiff(before: AppliedRange, after: AppliedRange): Promise<string> {
	const files = await changedFiles(before, after);
	if (files.length === 0) {
		return '';
	}
	const args = ['diff', '--no-color', '--find-renames', before.tip, after.tip, '--', ...files];
	return await git(after.source.repository, args, { env: withObjectsOf(before.source) });
}
