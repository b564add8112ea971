// SPDX-License-Identifier: GPL-2.0-only
import type { Patch } from '../../patch.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** submitting-patches.rst. */
const widest = 75;

/** Whether a line may be as wide as it is: quoted output, tags and addresses are not wrapped. */
function mayBeWide(text: string): boolean {
	return /^\s/.test(text) || /^[A-Z][\w-]+: /.test(text) || !/\S\s+\S/.test(text);
}

function checkOne({ name, body }: Patch): Finding[] {
	const wide = body
		.filter(({ text }) => text.length > widest && !mayBeWide(text))
		.map(({ line, text }) => ({
			rule: 'body/width',
			patch: name,
			line,
			message: `${text.length} columns, expected at most ${widest}`,
		}));
	const words = body.filter(({ text }) => text !== '' && !/^[A-Z][\w-]+: /.test(text));
	return words.length > 0
		? wide
		: [...wide, { rule: 'body/empty', patch: name, message: 'has no text that says why' }];
}

/** The form of the texts. */
export const body: Checker = {
	name: 'body',
	description: 'texts: there is one, at most 75 columns wide',
	check: ({ patches, cover }) =>
		[...(cover === undefined ? [] : [cover]), ...patches].flatMap(checkOne),
};
