// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseSystemCallTable } from '../src/system-call-table.js';
import { UserError } from '../src/user-error.js';
import { readSample } from './helpers/sample.js';

test('reads the numbers of 64-bit programs out of a real table', async (t) => {
	const numbers = parseSystemCallTable(await readSample('syscall_64.tbl.txt'));
	t.is(numbers['read'], 0);
	t.is(numbers['fchroot'], 472);
	t.is(numbers['pwritev2'], undefined, 'the entry is one of x32 alone in this excerpt');
});

test('reads entries with and without entry points and comments', (t) => {
	const text =
		'1\tcommon\ta\tsys_a\n2\t64\tb\n# c\n3\tx32\tc\tcompat_c\n4 common d sys_d - noreturn # x\n';
	t.deepEqual(parseSystemCallTable(text), { a: 1, b: 2, d: 4 });
});

test('names a line that is not of the form, and refuses an empty table', (t) => {
	t.throws(() => parseSystemCallTable('1\tcommon\ta\tsys_a\nfoo\n'), {
		instanceOf: UserError,
		message: /line 2: got "foo"/,
	});
	t.throws(() => parseSystemCallTable('# nothing\n'), { message: /no entries/ });
});
