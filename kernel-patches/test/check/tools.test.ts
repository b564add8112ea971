// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseCheckpatch } from '../../src/check/quick/checkpatch.js';
import { parseKernelDoc } from '../../src/check/quick/kernel-doc.js';
import { parseCodespell } from '../../src/check/quick/spelling.js';
import { parsePatch } from '../../src/patch.js';

const patch = parsePatch(
	'/x/0001-a.patch',
	`Subject: [PATCH] mm: a

Teh text.
---
 mm/a.c | 1 +

diff --git a/mm/a.c b/mm/a.c
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/mm/a.c
+++ b/mm/a.c
@@ -1,2 +1,2 @@
 struc context
-teh old
+teh new
`,
);

test('reads what checkpatch prints, and says which file it is about', (t) => {
	const output = `/x/0001-a.patch:3: WARNING:TYPO_SPELLING: 'Teh' may be misspelled - perhaps 'The'?
/x/0001-a.patch:14: ERROR:SPACING: space prohibited before that ':' (ctx:WxW)
total: nothing of interest
`;
	t.deepEqual(parseCheckpatch(patch, output), [
		{
			rule: 'checkpatch/TYPO_SPELLING',
			patch: '0001-a.patch',
			line: 3,
			file: undefined,
			message: "'Teh' may be misspelled - perhaps 'The'?",
		},
		{
			rule: 'checkpatch/SPACING',
			patch: '0001-a.patch',
			line: 14,
			file: 'mm/a.c',
			message: "space prohibited before that ':' (ctx:WxW)",
		},
	]);
});

test('codespell counts in the text and in what is added, and nowhere else', (t) => {
	const output = [3, 12, 13, 14].map((line) => `/x/0001-a.patch:${line}: teh ==> the\n`).join('');
	t.deepEqual(
		parseCodespell([patch], output).map(({ line, file }) => [line, file]),
		[
			[3, undefined],
			[14, 'mm/a.c'],
		],
	);
});

test('reads what kernel-doc prints', (t) => {
	const output = `Warning: net/a.c:26 function parameter 'x' not described in 'f'
Processing something
Error: net/b.c:3 Cannot parse enum!
`;
	t.deepEqual(parseKernelDoc(output), [
		{
			rule: 'kernel-doc/warning',
			file: 'net/a.c',
			line: 26,
			message: "function parameter 'x' not described in 'f'",
		},
		{ rule: 'kernel-doc/warning', file: 'net/b.c', line: 3, message: 'Cannot parse enum!' },
	]);
});
