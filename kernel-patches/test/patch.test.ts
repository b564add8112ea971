// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { locate, parsePatch } from '../src/patch.js';
import { UserError } from '../src/user-error.js';

const text = `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Ada Author <ada@example.org>
Subject: [PATCH net-next 1/2] mm: a subject that git
 has folded

Why.

Cc: Zoe <zoe@example.org>
---
 mm/a.c | 3 ++-

diff --git a/mm/a.c b/mm/a.c
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/mm/a.c
+++ b/mm/a.c
@@ -10,3 +10,4 @@ int f(void)
 context
-old
+new
+--- not a header
 context
diff --git a/mm/b.c b/mm/b.c
new file mode 100644
index 0000000000000000000000000000000000000000..3333333333333333333333333333333333333333
--- /dev/null
+++ b/mm/b.c
@@ -0,0 +1 @@
+only
`;

test('takes a patch apart', (t) => {
	const patch = parsePatch('/x/0001-a.patch', text);
	t.is(patch.name, '0001-a.patch');
	t.is(patch.subject, 'mm: a subject that git has folded');
	t.is(patch.header.get('from')?.text, 'Ada Author <ada@example.org>');
	t.deepEqual(
		patch.body.map((each) => each.text),
		['Why.', '', 'Cc: Zoe <zoe@example.org>'],
	);
	t.is(patch.body[0]?.line, 6);
	t.deepEqual(
		patch.files.map(({ path, isNew, before }) => [path, isNew, before[0]]),
		[
			['mm/a.c', false, '1'],
			['mm/b.c', true, '0'],
		],
	);
	t.deepEqual(patch.files[0]?.added, [
		{ line: 19, fileLine: 11, text: 'new' },
		{ line: 20, fileLine: 12, text: '--- not a header' },
	]);
	t.deepEqual(patch.files[1]?.added, [{ line: 28, fileLine: 1, text: 'only' }]);
});

test('says which file and line a line of the patch is', (t) => {
	const patch = parsePatch('/x/0001-a.patch', text);
	t.is(locate(patch, 6), undefined);
	t.deepEqual(locate(patch, 17), { path: 'mm/a.c', fileLine: undefined });
	t.deepEqual(locate(patch, 20), { path: 'mm/a.c', fileLine: 12 });
	t.deepEqual(locate(patch, 28), { path: 'mm/b.c', fileLine: 1 });
});

test('a cover letter is all text', (t) => {
	const cover = parsePatch('0000-cover-letter.patch', 'Subject: [PATCH 0/1] x\n\nOne.\n---\nTwo.');
	t.deepEqual(
		cover.body.map((each) => each.text),
		['One.', '---', 'Two.'],
	);
});

test('refuses what has no subject', (t) => {
	t.throws(() => parsePatch('x.patch', 'From: me\n\nSubject: late\n'), {
		instanceOf: UserError,
		message: /^x\.patch has no Subject: line/,
	});
});
