// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { replaceSummary, replaceTable, withSubject } from '../src/cover-letter.js';

const prose = `Subject: [PATCH 0/1] old

Why this is needed (2):
it isn't a heading without indented lines.

Results (3):
  and this is prose, because prose follows it

The end.
`;

const summary = `Ada Author (1):
  mm: a change

 mm/memory.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)
`;

test('puts the summary below the text', (t) => {
	t.is(replaceSummary(prose, summary), `${prose}\n${summary}`);
});

test('replaces an earlier summary, and only that', (t) => {
	const earlier = `Ada Author (2):
  mm: a change
  mm: one with a subject so long that git has wrapped it onto a further
    line

Bob Builder (1):
  net: another

 Documentation/mm/new.rst      | 10 ++++++++++
 mm/{memory.c => copy.c}       |  2 +-
 2 files changed, 11 insertions(+), 1 deletion(-)
 create mode 100644 Documentation/mm/new.rst
`;
	const once = replaceSummary(`${prose}\n${earlier}`, summary);
	t.is(once, `${prose}\n${summary}`);
	t.is(replaceSummary(once, summary), once);
	t.is(replaceSummary(`${prose}\n${earlier}\n-- \n2.39.5\n\n`, summary), once);
});

test('replaces a subject, folded or not, and nothing in the text', (t) => {
	const text = `From ${'a1'.repeat(20)} Mon\nSubject: [PATCH 0/9] an old\n subject\nDate: d\n\nSubject: not this one\n`;
	t.is(
		withSubject(text, '[PATCH 0/2] $& new'),
		`From ${'0'.repeat(40)} Mon\nSubject: [PATCH 0/2] $& new\nDate: d\n\nSubject: not this one\n`,
	);
});

test('refuses a text that is no mail', (t) => {
	t.throws(() => withSubject('Dear all,\n\nSubject: x\n', 's'), {
		message: /has no Subject: line/,
	});
});

const letter = 'The case.\n\nCounts:\n\n  old   1\n\n  older 2\n\nThe end.\n';

test('replaces the table below its heading, and nothing else', (t) => {
	const once = replaceTable(letter, 'Counts:', ['new 3', 'newer 4']);
	t.is(once, 'The case.\n\nCounts:\n\n  new 3\n  newer 4\n\nThe end.\n');
	t.is(replaceTable(once, 'Counts:', ['new 3', 'newer 4']), once);
});

for (const text of [letter.replace('Counts:', 'Sums:'), letter + letter]) {
	test(`refuses a letter with the heading ${text === letter + letter ? 'twice' : 'missing'}`, (t) => {
		t.throws(() => replaceTable(text, 'Counts:', []), { message: /needs the line "Counts:" once/ });
	});
}
