// SPDX-License-Identifier: GPL-2.0-only
import type { Checker } from '../checker.js';

/** These say what somebody did, and so only that person can give them. */
const personal = /^(Signed-off-by|Co-developed-by|Reviewed-by|Acked-by|Tested-by|[\w-]+-by):/i;

/** submitting-patches.rst: a person's public report or suggestion may be named. */
const allowed = /^(Reported-by|Suggested-by):/i;

/** Nobody has signed what nobody has mailed. */
function describe(tag: string): [rule: string, message: string] {
	switch (tag.toLowerCase()) {
		case 'signed-off-by':
			return ['signed-off', 'only whoever mails a patch can sign it off: mail --from adds it'];
		case 'assisted-by':
			return ['assisted', 'whoever mails a patch says which tools helped: mail --assisted-by'];
		default:
			return ['person', `${tag}: names a person who has to give it. Is there a mail that does?`];
	}
}

/** Tags that name persons. */
export const tags: Checker = {
	name: 'tags',
	description: 'no tag that only a person can give',
	check: ({ patches, cover }) =>
		[...(cover === undefined ? [] : [cover]), ...patches].flatMap(({ name, body }) =>
			body.flatMap(({ line, text }) => {
				const tag = allowed.test(text) ? undefined : personal.exec(text)?.[1];
				if (tag === undefined) {
					return [];
				}
				const [rule, message] = describe(tag);
				return [{ rule: `tags/${rule}`, patch: name, line, message }];
			}),
		),
};
