// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { pages, releasePage } from '../../src/check/quick/pages.js';
import { exists } from '../../src/files.js';
import { makeCheckedSeries } from '../helpers/checked-series.js';

const good = `.\\" Copyright, the authors
.\\"
.\\" SPDX-License-Identifier: Linux-man-pages-copyleft
.\\"
.TH call 2 (date) "Linux man-pages (unreleased)"
.SH NAME
call
\\-
do something
.SH DESCRIPTION
It does.
.P
See
.BR ptrace (2).
`;

/** Programs of Debian's that may be missing where only the unit tests are run. */
const run = ['man', 'groff', 'mandoc'].every((name) => exists(`/usr/bin/${name}`))
	? test
	: test.skip;

const cases: [name: string, page: string, rules: string[]][] = [
	['a good page', good, []],
	['no licence', good.replace(/^\.\\".*\n/gm, ''), ['pages/licence']],
	['a date that is none', good.replace('(date)', '2026-11-29'), ['pages/title']],
	['a long line', good.replace('It does.', `.\\" ${'x'.repeat(80)}\nIt does.`), ['pages/width']],
	['an old paragraph', good.replace('.P\n', '.PP\n'), ['pages/paragraph']],
	['two sentences in a line', good.replace('It does.', 'It does. And more.'), ['pages/sentence']],
	[
		'a macro that is not there',
		good.replace('.BR ptrace', '.BRX ptrace'),
		['pages/groff', 'pages/man', 'pages/mandoc'],
	],
	['a link to nowhere', '.so man2/other.2\n', ['pages/link']],
	['a link', '.so man2/there.2\n', []],
];

for (const [name, page, rules] of cases) {
	run(`says of ${name}: ${rules.join(', ') || 'nothing'}`, async (t) => {
		const files = { 'man/man2/call.2': page };
		const checked = await makeCheckedSeries(
			t,
			{ 'man/man2/there.2': good },
			[{ message: 'man/man2/call.2: Add page\n\nWhy.\n', files }],
			{ project: 'man-pages' },
		);
		const found = (await pages.check(checked)).map(({ rule }) => rule);
		t.deepEqual([...new Set(found)].toSorted(), rules);
	});
}

test('a page is looked at as it is released', (t) => {
	t.true(releasePage(good).includes('\n.TH call 2 1970-01-01 "Linux man-pages 0"\n'));
});
