// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseAmOutput } from '../src/apply-mailbox.js';

test('reads a patch that does not fit', (t) => {
	const text = `Applying: mm: change
error: patch failed: mm/memory.c:18
error: mm/memory.c: patch does not apply
hint: Use 'git am --show-current-patch=diff' to see the failed patch
Patch failed at 0001 mm: change
When you have resolved this problem, run "git am --continue".
`;
	t.deepEqual(parseAmOutput(text), {
		reasons: ['error: patch failed: mm/memory.c:18', 'error: mm/memory.c: patch does not apply'],
		files: ['mm/memory.c'],
	});
});

test('reads conflicts and files that are missing or there already', (t) => {
	const text = `Applying: x
Using index info to reconstruct a base tree...
M	mm/memory.c
Falling back to patching base and 3-way merge...
Auto-merging mm/memory.c
CONFLICT (content): Merge conflict in mm/memory.c
CONFLICT (modify/delete): mm/old.c deleted in HEAD and modified in x.  Version x of mm/old.c left in tree.
error: mm/gone.c: does not exist in index
error: mm/copy.c: already exists in index
error: Failed to merge in the changes.
`;
	t.deepEqual(parseAmOutput(text).files, ['mm/memory.c', 'mm/old.c', 'mm/gone.c', 'mm/copy.c']);
	t.is(parseAmOutput(text).reasons.length, 5);
});
