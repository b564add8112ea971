// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readIfPresent } from './files.js';
import { git, reproducibleGitEnvironment, tryGit } from './git.js';
import { adaptMail, type PendingEdit } from './numbers/adapt-mail.js';
import { needsNumbers, planNumbers, type NumberPlan } from './numbers/plan.js';
import { readPatch, type Patch } from './patch.js';
import type { Reporter } from './reporter.js';
import type { RunResult } from './run.js';
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

async function amError(
	tree: string,
	series: Series,
	index: number,
	{ stdout, stderr }: RunResult,
	advice: (failure: AmFailure) => string,
): Promise<UserError> {
	const failure = await describeFailure(tree, `${stdout}\n${stderr}`);
	return new UserError(`${describeStop(series, index, failure)}\n${advice(failure)}`);
}

/** A patch taken apart; undefined for what is no mail, which git will have something to say about. */
async function tryReadPatch(file: string): Promise<Patch | undefined> {
	try {
		return await readPatch(file);
	} catch (error) {
		if (error instanceof UserError) {
			return undefined;
		}
		throw error;
	}
}

function sayNumbers({ calls, callShift, family, familyMoves }: NumberPlan, report: Reporter): void {
	if (callShift !== 0) {
		const list = calls.map(({ name, number }) => `${name} ${number + callShift}`).join(', ');
		report.say(`this tree's next system call numbers: ${list}`);
	}
	if (familyMoves && family !== undefined) {
		report.say(`this tree's next address family: AF_${family.name} ${family.number}`);
	}
}

/** Makes the changes that a mail was relieved of, as part of its commit. */
async function makeEdits(
	tree: string,
	edits: readonly PendingEdit[],
	plan: NumberPlan,
): Promise<void> {
	for (const { file, edit, added } of edits) {
		const text = await git(tree, ['cat-file', 'blob', `:${file}`]);
		await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
		await writeFile(path.join(tree, file), edit.edit(text, added, plan, file));
		await git(tree, ['add', '--', file]);
	}
	const date = (await git(tree, ['log', '-1', '--format=%ad', '--date=raw'])).trim();
	await git(tree, ['commit', '--quiet', '--amend', '--no-edit', '--no-verify'], {
		env: { ...reproducibleGitEnvironment(), GIT_COMMITTER_DATE: date },
	});
}

/** Applies mail by mail, with the tree's numbers instead of those that are stored. */
async function applyEach(
	tree: string,
	series: Series,
	plan: NumberPlan,
	advice: (failure: AmFailure) => string,
): Promise<void> {
	for (const [index, file] of series.patches.entries()) {
		const { text, edits } = adaptMail(await readFile(file, 'utf8'), plan);
		const input = text.endsWith('\n') ? text : `${text}\n`;
		const result = await tryGit(tree, [...amArguments, '--empty=keep'], { input });
		if (result.status !== 0) {
			throw await amError(tree, series, index, result, advice);
		}
		if (edits.length > 0) {
			await makeEdits(tree, edits, plan);
		}
	}
}

/**
 * Applies a series' patches, in order, one commit each, to what a working tree has checked out.
 * The commits are the same on every machine: committer and dates are fixed. New system calls and
 * address families get the next numbers of the tree, whatever is stored.
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
	const patches = await Promise.all(series.patches.map(tryReadPatch));
	const plan = await planNumbers(
		tree,
		patches.filter((patch) => patch !== undefined),
	);
	if (needsNumbers(plan)) {
		sayNumbers(plan, report);
		await applyEach(tree, series, plan, advice);
		return;
	}
	const result = await tryGit(tree, [...amArguments, '--', ...series.patches]);
	if (result.status !== 0) {
		const index = (await stoppedAt(tree)) - 1;
		throw await amError(tree, series, index, result, advice);
	}
}
