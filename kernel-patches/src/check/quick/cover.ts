// SPDX-License-Identifier: GPL-2.0-only
import { replaceSummary } from '../../cover-letter.js';
import { summarize } from '../../format-series.js';
import { coverName } from '../../series.js';
import type { Checker } from '../checker.js';

/** netdev's limit (maintainer-netdev.rst), which others find reasonable too. */
const mostPatches = 15;

/** The series as a whole: how many patches, and the letter that makes the case for them. */
export const cover: Checker = {
	name: 'cover',
	description: 'at most 15 patches; a cover letter, its shortlog and diffstat up to date',
	check: async ({ cover: letter, patches, series, source, tip }) => {
		const wrong: [boolean, string, string][] = [
			[
				patches.length > mostPatches,
				'count',
				`${patches.length} patches, expected at most ${mostPatches}: send the rest as a series after it`,
			],
			[patches.length === 0, 'count', 'has no patch'],
			[
				letter === undefined && patches.length > 1,
				'missing',
				`more than one patch, and no ${coverName} that makes the case for them`,
			],
			[
				letter !== undefined && /\*\*\* (?:SUBJECT|BLURB) HERE \*\*\*/.test(letter.text),
				'placeholder',
				"git's placeholder stands where the text should",
			],
		];
		const summary = await summarize(source.repository, source.commit, tip);
		if (letter !== undefined && replaceSummary(letter.text, summary) !== letter.text) {
			const message = `shortlog or diffstat is not that of the patches: npm run series -- export ${series.name}`;
			wrong.push([true, 'summary', message]);
		}
		return wrong
			.filter(([is]) => is)
			.map(([, rule, message]) => ({
				rule: `cover/${rule}`,
				...(letter !== undefined && rule !== 'count' && { patch: letter.name }),
				message,
			}));
	},
};
