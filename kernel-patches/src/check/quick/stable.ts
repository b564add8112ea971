// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { findDifferences } from '../../series-apply.js';
import { withTemporaryFolder } from '../../temporary-folder.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** Lines of a file that depend on when, where or by which git it was written. */
const unstable: [RegExp, string, string][] = [
	[/^From (?!0{40} Mon Sep 17 00:00:00 2001$)[0-9a-f]{40} /, 'hash', "a commit's hash"],
	[/^-- $/, 'signature', "git's signature with its version"],
	[/^index [0-9a-f]{1,39}\.\./, 'index', 'hashes that are as long as one repository needs them'],
	[/^Message-ID:/i, 'message-id', 'the name of one mail'],
];

function findUnstable(name: string, text: string): Finding[] {
	return text.split('\n').flatMap((each, index) =>
		unstable
			.filter(([pattern]) => pattern.test(each))
			.map(([, rule, what]) => ({
				rule: `stable/${rule}`,
				patch: name,
				line: index + 1,
				message: `has ${what}, which another export would not write`,
			})),
	);
}

/** What is stored is what export writes, on every machine and day. */
export const stable: Checker = {
	name: 'stable',
	description: 'files are as export writes them, whenever and wherever',
	check: async ({ series, source, tip, patches, cover }) => {
		return await withTemporaryFolder('series', async (folder) => {
			const different = await findDifferences(source, series, tip, folder);
			return [
				...[...(cover === undefined ? [] : [cover]), ...patches].flatMap(({ name, text }) =>
					findUnstable(name, text),
				),
				...different.map((file) => ({
					rule: 'stable/differs',
					patch: path.basename(file),
					message: `export would write it otherwise: npm run series -- apply ${series.name}, then export`,
				})),
			];
		});
	},
};
