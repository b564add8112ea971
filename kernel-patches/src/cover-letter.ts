// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from './user-error.js';

/**
 * Sets the subject of a cover letter; a subject folded over several lines is replaced whole. The
 * commit's hash, if git wrote one into the first line, becomes zeros as in the patches.
 * @throws UserError if the text is no mail with a subject
 */
export function withSubject(text: string, subject: string): string {
	const headerEnd = text.indexOf('\n\n');
	const header = headerEnd === -1 ? text : text.slice(0, headerEnd);
	const pattern = /^Subject:.*(?:\n[ \t]+.*)*/m;
	if (!pattern.test(header)) {
		throw new UserError(
			'0000-cover-letter.patch has no Subject: line before its first empty line; give it one',
		);
	}
	const withoutHash = header.replace(/^From [0-9a-f]{40} /, `From ${'0'.repeat(40)} `);
	return withoutHash.replace(pattern, () => `Subject: ${subject}`) + text.slice(header.length);
}

/**
 * Where the summary that git once made begins: the shortlog (`Name (3):`, then indented subjects)
 * and the diffstat, with nothing of the author's after them.
 */
function findSummary(lines: readonly string[]): number {
	const isHeading = (line: string | undefined): boolean => /^\S.* \(\d+\):$/.test(line ?? '');
	const isSummaryLine = (line: string): boolean => line === '' || line.startsWith(' ');
	let start = lines.length;
	for (let index = lines.length - 1; index >= 0; index -= 1) {
		const line = lines[index] ?? '';
		if (isHeading(line) && (lines[index + 1] ?? '').startsWith('  ')) {
			start = index;
		} else if (!isSummaryLine(line)) {
			break;
		}
	}
	return start;
}

/**
 * Puts a new shortlog and diffstat below the author's text; an earlier one at the end is replaced.
 * @param summary what comes below the text, ending in a newline
 */
export function replaceSummary(text: string, summary: string): string {
	// git format-patch --cover-letter signs with git's version, which is no part of the text.
	const unsigned = text.replace(/\n-- \n\d[^\n]*\s*$/, '\n');
	return `${splitSummary(unsigned).prose}\n\n${summary}`;
}

/** The header and text of the author's, and the summary below it; what is empty between is in none. */
export function splitSummary(text: string): { prose: string; summary: string } {
	const lines = text.split('\n');
	const start = findSummary(lines);
	return {
		prose: lines.slice(0, start).join('\n').trimEnd(),
		summary: lines.slice(start).join('\n'),
	};
}

/**
 * Replaces the table below a heading: the indented and empty lines that follow it.
 * @param heading the whole line above the table
 * @param table lines to put there, which are indented by two spaces
 * @throws UserError if the text has no such heading, or has it twice
 */
export function replaceTable(text: string, heading: string, table: readonly string[]): string {
	const lines = text.split('\n');
	const start = lines.indexOf(heading);
	if (start === -1 || lines.includes(heading, start + 1)) {
		throw new UserError(
			`the cover letter needs the line "${heading}" once, above the table that is to be replaced`,
		);
	}
	const isTable = (line: string): boolean => line === '' || line.startsWith('  ');
	const length = lines.slice(start + 1).findIndex((line) => !isTable(line));
	const rest = length === -1 ? [] : lines.slice(start + 1 + length);
	const indented = table.map((line) => `  ${line}`.trimEnd());
	return [...lines.slice(0, start + 1), '', ...indented, '', ...rest].join('\n');
}
