// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { readIfPresent } from './files.js';
import { git, tryGit } from './git.js';
import type { Reporter } from './reporter.js';
import type { Series } from './series.js';
import { UserError } from './user-error.js';

/** How `git am` is run: nothing of the mails is changed, nothing depends on the user's settings. */
const amArguments = [
	'am',
	'--3way',
	'--committer-date-is-author-date',
	'--keep-non-patch',
	'--no-keep-cr',
	'--no-scissors',
	'--no-message-id',
	'--no-signoff',
	'--no-gpg-sign',
	'--whitespace=nowarn',
	'--patch-format=mbox',
];

/** Why `git am` stopped. */
export interface AmFailure {
	/** git's own words, without its hints. */
	reasons: string[];
	/** The files that could not be patched. */
	files: string[];
	/** Whether those have conflict markers, to be resolved and followed by `git am --continue`. */
	inConflict: boolean;
}

/** Reads git's reasons and the files concerned out of what a failed `git am` printed. */
export function parseAmOutput(text: string): Pick<AmFailure, 'reasons' | 'files'> {
	const reasons = text.split('\n').filter((line) => /^(error|fatal|CONFLICT)\b/.test(line));
	const patterns = [
		/^error: patch failed: (.+):\d+$/,
		/^error: (.+): (?:patch does not apply|does not exist in index|already exists in .*)$/,
		/^CONFLICT .*Merge conflict in (.+)$/,
		/^CONFLICT \(modify\/delete\): (\S+) /,
	];
	const files = reasons.flatMap((reason) => {
		return patterns.flatMap((pattern) => pattern.exec(reason)?.[1] ?? []);
	});
	return { reasons, files: [...new Set(files)] };
}

/** The files that the mail at which `git am` stopped changes; git doesn't always name the culprit. */
async function patchedFiles(tree: string): Promise<string[]> {
	const { stdout } = await tryGit(tree, ['am', '--show-current-patch=diff']);
	return [
		...new Set(
			Array.from(stdout.matchAll(/^(?:---|\+\+\+) [ab]\/(.+)$/gm), (match) => match[1] ?? ''),
		),
	];
}

async function describeFailure(tree: string, output: string): Promise<AmFailure> {
	const { reasons, files } = parseAmOutput(output);
	const unmerged = await git(tree, ['diff', '--name-only', '--diff-filter=U']);
	const conflicts = unmerged.split('\n').filter((name) => name !== '');
	const named = [...new Set([...conflicts, ...files])];
	return {
		reasons,
		files: named.length > 0 ? named : await patchedFiles(tree),
		inConflict: conflicts.length > 0,
	};
}

/** The number of the mail at which `git am` stopped, starting at 1. */
async function stoppedAt(tree: string): Promise<number> {
	const directory = (await git(tree, ['rev-parse', '--git-path', 'rebase-apply/next'])).trim();
	return Number((await readIfPresent(path.resolve(tree, directory))) ?? '1');
}

function describeStop(series: Series, index: number, failure: AmFailure): string {
	const patch = path.basename(series.patches[index] ?? '');
	const files = failure.files.map((file) => `\n    ${file}`).join('');
	const reasons = failure.reasons.map((reason) => `\n    ${reason}`).join('');
	return `${series.name}: patch ${index + 1} of ${series.patches.length}, ${patch}, does not apply.
  Files${failure.inConflict ? ' in conflict' : ' concerned'}:${files || ' git names none'}
  git's reason:${reasons}`;
}

/**
 * Applies a series' patches, in order, one commit each, to what a working tree has checked out.
 * The commits are the same on every machine: committer and dates are fixed.
 * @param tree the working tree; its files need not be checked out
 * @param advice what to do after a failure, given whether there are conflicts to resolve. The tree
 *   is left as `git am` left it
 * @throws UserError that names the patch, the files and git's reason
 */
export async function applyMailbox(
	tree: string,
	series: Series,
	advice: (failure: AmFailure) => string,
	report: Reporter,
): Promise<void> {
	if (series.patches.length === 0) {
		return;
	}
	report.say(`running git -C ${tree} am (${series.patches.length} patches of ${series.directory})`);
	const result = await tryGit(tree, [...amArguments, '--', ...series.patches]);
	if (result.status === 0) {
		return;
	}
	const failure = await describeFailure(tree, `${result.stdout}\n${result.stderr}`);
	const index = (await stoppedAt(tree)) - 1;
	throw new UserError(`${describeStop(series, index, failure)}\n${advice(failure)}`);
}
