// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { readIfPresent } from '../files.js';
import type { Series } from '../series.js';
import { UserError } from '../user-error.js';

/** Where a series notes what changed from version to version. */
export function changesFile(series: Series): string {
	return path.join(series.directory, 'changes.md');
}

/** The sections `## vN` of a changes.md: their lines by N, without empty ones around them. */
export function parseChanges(text: string): Map<number, string> {
	const parts = text.split(/^## v(\d+)[ \t]*$/m);
	const sections = new Map<number, string>();
	for (let index = 1; index < parts.length; index += 2) {
		sections.set(Number(parts[index]), (parts[index + 1] ?? '').trim());
	}
	return sections;
}

/**
 * What changed up to a version, newest first, as it stands in the cover letter.
 * @throws UserError if nothing is said about the version
 */
export async function readChanges(series: Series, version: number): Promise<string> {
	const file = changesFile(series);
	const sections = parseChanges((await readIfPresent(file)) ?? '');
	if ((sections.get(version) ?? '') === '') {
		throw new UserError(
			`reviewers of version ${version} want to know what changed: write it into ${file}, below a line "## v${version}"`,
		);
	}
	return [...sections]
		.filter(([number]) => number <= version)
		.toSorted(([a], [b]) => b - a)
		.map(([number, text]) => `Changes in v${number}:\n\n${text}\n`)
		.join('\n');
}
