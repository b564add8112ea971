// SPDX-License-Identifier: GPL-2.0-only
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../files.js';
import { tryRun } from '../../run.js';
import { withTemporaryFolder } from '../../temporary-folder.js';
import { touchedFiles } from '../../touched-files.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** What formats a page, or only looks at it, and should have nothing to say. */
const programs: readonly { rule: string; command: string; args: readonly string[] }[] = [
	{
		rule: 'man',
		command: 'man',
		args: ['--warnings=w', '-EUTF-8', '-Tutf8', '-Z', '-l'],
	},
	{ rule: 'groff', command: 'groff', args: ['-man', '-t', '-ww', '-z', '-Tutf8'] },
	// Not in matters of style: it wants titles in capitals, where the project writes names as they are.
	{ rule: 'mandoc', command: 'mandoc', args: ['-man', '-Tlint', '-Wwarning'] },
];

/** The page as the project releases it: with a date and a version in place of their placeholders. */
export function releasePage(text: string): string {
	return text.replace(
		/^(\.TH \S+ \d\w*) \(date\) "Linux man-pages \(unreleased\)"$/m,
		'$1 1970-01-01 "Linux man-pages 0"',
	);
}

/** What the project's own pages have, as far as a program can tell. */
function judgeForm(file: string, text: string): Finding[] {
	const rules: [boolean, string, string][] = [
		[
			text.startsWith('.\\" Copyright') && text.includes('\n.\\" SPDX-License-Identifier: '),
			'licence',
			'expected a copyright line and an SPDX-License-Identifier in comments at the top',
		],
		[
			releasePage(text) !== text,
			'title',
			'expected .TH NAME SECTION (date) "Linux man-pages (unreleased)"',
		],
		[
			text.split('\n').every((line) => line.length <= 80 || line.includes('"#include ')),
			'width',
			'has lines of more than 80 columns',
		],
		[!/^\.(?:PP|LP)\b/m.test(text), 'paragraph', 'expected .P where there is .PP or .LP'],
		[
			!/[.!?] +[A-Z]/.test(text.replaceAll(/^\..*$/gm, '')),
			'sentence',
			'a sentence begins within a line',
		],
	];
	return rules
		.filter(([good]) => !good)
		.map(([, rule, message]) => ({ rule: `pages/${rule}`, file, message }));
}

async function checkPage(tree: string, file: string, folder: string): Promise<Finding[]> {
	const text = await readFile(path.join(tree, file), 'utf8');
	const target = /^\.so (\S+)\n$/.exec(text)?.[1];
	if (target !== undefined) {
		return exists(path.join(tree, 'man', target))
			? []
			: [{ rule: 'pages/link', file, message: `links to man/${target}, which is not there` }];
	}
	const page = path.join(folder, path.basename(file));
	await writeFile(page, releasePage(text));
	const findings = judgeForm(file, text);
	for (const { rule, command, args } of programs) {
		const { stdout, stderr } = await tryRun(command, [...args, page], {
			env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
		});
		// man prints the page; the others have nothing to print there but what is wrong.
		const said = rule === 'mandoc' ? stdout + stderr : stderr;
		findings.push(
			...said
				.split('\n')
				.filter((line) => line !== '')
				.map((line) => ({
					rule: `pages/${rule}`,
					file,
					message: line.replaceAll(page, file),
				})),
		);
	}
	return findings;
}

/** Manual pages. */
export const pages: Checker = {
	name: 'pages',
	description: 'man --warnings, groff and mandoc are silent; the form of the project',
	projects: ['man-pages'],
	check: async ({ patches, tree }) => {
		return await withTemporaryFolder('pages', async (folder) => {
			const files = touchedFiles(patches).filter((file) => /^man\/man\w+\/[^/]+\.\w+$/.test(file));
			return (await Promise.all(files.map((file) => checkPage(tree, file, folder)))).flat();
		});
	},
};
