// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceSummary, withSubject } from './cover-letter.js';
import { git } from './git.js';
import { coverName, type Series } from './series.js';

/** How a commit becomes a mail: the same on every machine, on every day. */
const formatArguments = [
	'format-patch',
	'--quiet',
	'--numbered',
	'--zero-commit',
	'--full-index',
	'--no-signature',
	'--no-cover-letter',
	'--no-thread',
	'--no-attach',
	'--no-notes',
	'--no-base',
	'--no-signoff',
	'--no-to',
	'--no-cc',
	'--no-add-header',
	'--no-from',
	'--no-ext-diff',
	'--no-textconv',
	'--no-color',
	'--no-relative',
	'--suffix=.patch',
	'--filename-max-length=64',
	'--encode-email-headers',
	'--binary',
	'--unified=3',
	'--inter-hunk-context=0',
	'--src-prefix=a/',
	'--dst-prefix=b/',
];

/** How differences are found and shown, in the patches and in the cover letter's summary. */
const diffArguments = [
	'--diff-algorithm=myers',
	'--indent-heuristic',
	'--find-renames=50%',
	'--submodule=short',
	'-O/dev/null',
	'--stat=72',
	'--summary',
];

/** Shortlog and diffstat of the whole series, as they end a cover letter. */
export async function summarize(repository: string, base: string, tip: string): Promise<string> {
	const range = `${base}..${tip}`;
	const shortlog = await git(repository, ['shortlog', '-w72,2,4', range]);
	const diffstat = await git(repository, ['diff', '--no-color', ...diffArguments, range, '--']);
	return `${shortlog.trimEnd()}\n\n${diffstat.trimEnd()}\n`;
}

/**
 * Writes a series' mails into an empty folder: the patches of base..tip, and the cover letter with
 * its prose as it is stored, its subject and its summary made anew.
 * @returns the file names, sorted
 */
export async function formatSeries(
	repository: string,
	series: Series,
	range: { base: string; tip: string },
	folder: string,
): Promise<string[]> {
	const { base, tip } = range;
	await mkdir(folder, { recursive: true });
	await git(repository, [
		...formatArguments,
		...diffArguments,
		`--subject-prefix=${series.prefix}`,
		`--output-directory=${folder}`,
		`${base}..${tip}`,
	]);
	const names = (await readdir(folder)).toSorted();
	if (series.cover !== undefined) {
		const stored = await readFile(series.cover, 'utf8');
		const subject = `[${series.prefix} 0/${names.length}] ${series.title}`;
		const cover = replaceSummary(
			withSubject(stored, subject),
			await summarize(repository, base, tip),
		);
		await writeFile(path.join(folder, coverName), cover);
		return [coverName, ...names];
	}
	return names;
}
