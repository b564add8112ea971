// SPDX-License-Identifier: GPL-2.0-only
import { commandError, tryRun } from '../../run.js';
import { locate, type Patch } from '../../patch.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** Whether a line of a patch file is the author's: the texts, and what is added. */
function isAuthors(patch: Patch, line: number): boolean {
	const first = patch.files[0]?.line ?? Infinity;
	return line < first || locate(patch, line)?.fileLine !== undefined;
}

/** Reads what codespell printed about patch files. */
export function parseCodespell(patches: readonly Patch[], output: string): Finding[] {
	return output.split('\n').flatMap((text): Finding[] => {
		const [, file, number, message] = /^(.*?):(\d+): (.*)$/.exec(text) ?? [];
		const patch = patches.find((each) => each.file === file);
		const line = Number(number);
		if (patch === undefined || message === undefined || !isAuthors(patch, line)) {
			return [];
		}
		const about = locate(patch, line)?.path;
		return [{ rule: 'spelling/codespell', patch: patch.name, line, file: about, message }];
	});
}

/** Debian's codespell. */
export const spelling: Checker = {
	name: 'spelling',
	description: 'codespell on the texts and on what is added',
	check: async ({ patches, cover, tree }) => {
		const all = [...(cover === undefined ? [] : [cover]), ...patches];
		const args = ['--disable-colors', ...all.map(({ file }) => file)];
		// In the tree, as a configuration of the caller's folder shall not count
		const { status, stdout, stderr } = await tryRun('codespell', args, { cwd: tree });
		// Its status counts findings; 64 and above are complaints about the command line.
		if (status === undefined || (stdout === '' && status !== 0)) {
			throw commandError('codespell', args, status, stderr);
		}
		return parseCodespell(all, stdout);
	},
};
