// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../git.js';
import { addedFiles, addedLines, type Checker } from '../checker.js';
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

/** The patterns of files in MAINTAINERS, but for those of the last entry, which is for the rest. */
export function readPatterns(maintainers: string): string[] {
	const [named = ''] = maintainers.split(/^THE REST$/m);
	return Array.from(named.matchAll(/^F:\s*(\S+)\s*$/gm), ([, pattern = '']) => pattern);
}

/** The entries of MAINTAINERS that are for the files which are added, and patterns for nothing. */
export const maintainers: Checker = {
	name: 'maintainers',
	description: 'MAINTAINERS: each new file has an entry, each new pattern has files',
	projects: ['linux'],
	check: async ({ patches, source, tip, tree }) => {
		const patterns = readPatterns(await readFile(path.join(tree, 'MAINTAINERS'), 'utf8'));
		const homeless = addedFiles(patches)
			.filter((file) => !patterns.some((pattern) => matchesPattern(pattern, file.path)))
			.map((file) => ({
				rule: 'maintainers/missing',
				patch: file.patch,
				line: file.line,
				file: file.path,
				message: 'no entry of MAINTAINERS is for this new file',
			}));
		const names = await git(source.repository, ['ls-tree', '-r', '-z', '--name-only', tip]);
		const all = names.split('\0');
		const vain = addedLines(patches, (file) => file === 'MAINTAINERS').flatMap(
			(added): Finding[] => {
				const pattern = /^F:\s*(\S+)/.exec(added.text)?.[1];
				return pattern === undefined || all.some((file) => matchesPattern(pattern, file))
					? []
					: [
							{
								rule: 'maintainers/pattern',
								patch: added.patch,
								line: added.line,
								file: added.file,
								message: `no file matches ${pattern}`,
							},
						];
			},
		);
		return [...homeless, ...vain];
	},
};
