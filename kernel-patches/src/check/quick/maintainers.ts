// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { git, tryGit } from '../../git.js';
import { addedFiles, addedLines, type Checker, type CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';

/**
 * Whether a pattern of MAINTAINERS means a file: `net/dbus/` everything below, a name without
 * wildcards itself or everything below, `*` and `?` within a folder. As get_maintainer.pl does it.
 */
export function matchesPattern(pattern: string, file: string): boolean {
	const expression = pattern
		.replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
		.replaceAll('*', '[^/]*')
		.replaceAll('?', '[^/]');
	return new RegExp(`^${expression}${pattern.endsWith('/') ? '' : '(?:/|$)'}`).test(file);
}

/** An entry of MAINTAINERS. */
export interface MaintainersEntry {
	title: string;
	/** Of the files that it is for. */
	patterns: readonly string[];
	/** Of those among them that it is not for. */
	excluded: readonly string[];
}

/** Reads the entries that are for files. */
export function readEntries(maintainers: string): MaintainersEntry[] {
	const valuesOf = (text: string, letter: string): string[] =>
		Array.from(
			text.matchAll(new RegExp(String.raw`^${letter}:\s*(\S+)\s*$`, 'gm')),
			([, value = '']) => value,
		);
	return maintainers
		.split(/\n\s*\n/)
		.map((text) => ({
			title: text.trimStart().split('\n')[0] ?? '',
			patterns: valuesOf(text, 'F'),
			excluded: valuesOf(text, 'X'),
		}))
		.filter(({ patterns }) => patterns.length > 0);
}

/** Whether an entry is for a file. */
function isFor({ patterns, excluded }: MaintainersEntry, file: string): boolean {
	const matches = (pattern: string): boolean => matchesPattern(pattern, file);
	return patterns.some(matches) && !excluded.some(matches);
}

/** Folders of which an entry that has them has all that no one else cares for. */
const generalFolders = [
	'Documentation/',
	'drivers/',
	'fs/',
	'include/',
	'kernel/',
	'lib/',
	'mm/',
	'net/',
	'security/',
	'sound/',
	'tools/',
	'tools/testing/selftests/',
];

function isGeneral({ title, patterns }: MaintainersEntry): boolean {
	return title === 'THE REST' || patterns.some((pattern) => generalFolders.includes(pattern));
}

/** The entries that the series adds, or whose files it changes. */
async function readOwnEntries(
	{ patches, source }: CheckedSeries,
	entries: readonly MaintainersEntry[],
): Promise<MaintainersEntry[]> {
	if (!patches.some(({ files }) => files.some((file) => file.path === 'MAINTAINERS'))) {
		return [];
	}
	const { stdout } = await tryGit(source.repository, ['show', `${source.commit}:MAINTAINERS`]);
	const before = new Set(readEntries(stdout).map((entry) => JSON.stringify(entry)));
	return entries.filter((entry) => !before.has(JSON.stringify(entry)));
}

/** New files without an entry: the series' own, where it has one. */
async function findHomeless(checked: CheckedSeries): Promise<Finding[]> {
	const entries = readEntries(await readFile(path.join(checked.tree, 'MAINTAINERS'), 'utf8'));
	const own = await readOwnEntries(checked, entries);
	const right = own.length > 0 ? own : entries.filter((entry) => !isGeneral(entry));
	const titles = own.map(({ title }) => title).join(', ');
	return addedFiles(checked.patches)
		.filter((file) => !right.some((entry) => isFor(entry, file.path)))
		.map((file) => ({
			rule: 'maintainers/missing',
			patch: file.patch,
			line: file.line,
			file: file.path,
			message:
				own.length > 0
					? `the series has an entry of MAINTAINERS (${titles}), which is not for this new file`
					: 'no entry of MAINTAINERS is for this new file, but for general ones',
		}));
}

/** Patterns that the series adds and that mean no file. */
async function findVain({ patches, source, tip }: CheckedSeries): Promise<Finding[]> {
	const names = await git(source.repository, ['ls-tree', '-r', '-z', '--name-only', tip]);
	const all = names.split('\0');
	return addedLines(patches, (file) => file === 'MAINTAINERS').flatMap(({ text, ...place }) => {
		const pattern = /^F:\s*(\S+)/.exec(text)?.[1];
		return pattern === undefined || all.some((file) => matchesPattern(pattern, file))
			? []
			: [{ rule: 'maintainers/pattern', ...place, message: `no file matches ${pattern}` }];
	});
}

/** The entries of MAINTAINERS that are for the files which are added, and patterns for nothing. */
export const maintainers: Checker = {
	name: 'maintainers',
	description: "MAINTAINERS: new files are in the series' entry, new patterns have files",
	projects: ['linux'],
	check: async (checked) => [...(await findHomeless(checked)), ...(await findVain(checked))],
};
