// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { findException, findUnused, parseExceptions } from '../../src/check/exceptions.js';
import { onlyNew } from '../../src/check/only-new.js';
import { UserError } from '../../src/user-error.js';

const reason = 'it is right as it is, because of this';
const exceptions = parseExceptions(
	JSON.stringify([
		{ rule: 'checkpatch/LONG_LINE', files: 'net/dbus/*.c', reason },
		{ rule: 'spelling/codespell', reason },
		{ rule: 'warnings/sparse', files: 'net/a.c', message: 'bad constant|\\[sparse\\]', reason },
	]),
);
const long = { rule: 'checkpatch/LONG_LINE', message: 'too long' };

test('an exception is for its rule in its files', (t) => {
	t.is(findException(exceptions, { ...long, file: 'net/dbus/bus.c' }), exceptions[0]);
	t.is(findException(exceptions, { ...long, file: 'net/dbus/bus.h' }), undefined);
	t.is(findException(exceptions, { ...long, rule: 'checkpatch/SPACING' }), undefined);
	t.is(findException(exceptions, long), undefined);
	t.is(findException(exceptions, { rule: 'spelling/codespell', message: 'x' }), exceptions[1]);
});

test('an exception from what is said is for nothing else in the file', (t) => {
	const found = { rule: 'warnings/sparse', file: 'net/a.c', message: 'error: bad constant' };
	t.is(findException(exceptions, found), exceptions[2]);
	t.is(findException(exceptions, { ...found, message: 'x [sparse]' }), exceptions[2]);
	t.is(findException(exceptions, { ...found, message: 'context imbalance' }), undefined);
	t.is(findException(exceptions, { ...found, rule: 'warnings/gcc' }), undefined);
	t.is(findException(exceptions, { ...found, file: 'net/b.c' }), undefined);
});

test('an exception that nothing falls under is a finding, if its checker ran', (t) => {
	const found = [{ ...long, file: 'net/dbus/bus.c' }];
	t.deepEqual(findUnused(exceptions, found, ['checkpatch']), []);
	const [unused, ...others] = findUnused(exceptions, found, ['checkpatch', 'spelling']);
	t.deepEqual(others, []);
	t.is(unused?.rule, 'exceptions/unused');
	t.regex(unused?.message ?? '', /from spelling\/codespell in \*: remove it/);
	const other = { rule: 'warnings/sparse', file: 'net/a.c', message: 'context imbalance' };
	t.deepEqual(
		findUnused(exceptions, [other], ['warnings']).map(({ message }) => message),
		[
			'nothing falls under the exception from warnings/sparse in net/a.c, of what says bad constant|\\[sparse\\]: remove it',
		],
	);
});

for (const [name, change, message] of [
	['without a reason', { reason: undefined }, /reason/],
	['with a reason that is none', { reason: 'because' }, /must say why/],
	['without a rule', { rule: 'LONG_LINE' }, /must be CHECKER\/RULE/],
	['with a message that is no expression', { message: '(' }, /must be a regular expression/],
	['with an unknown field', { line: 7 }, /line/],
] as const) {
	test(`refuses an exception ${name}`, (t) => {
		const text = JSON.stringify([{ rule: 'a/b', reason, ...change }]);
		t.throws(() => parseExceptions(text), { instanceOf: UserError, message });
	});
}

test('what the base has too is not new, however the lines moved', (t) => {
	const warning = { rule: 'a/b', file: 'mm/a.c', line: 3, message: 'old' };
	const moved = { ...warning, line: 30 };
	t.deepEqual(onlyNew([moved], [warning]), []);
	t.deepEqual(onlyNew([moved, moved], [warning]), [moved]);
	t.deepEqual(onlyNew([{ ...moved, file: 'mm/b.c' }], [warning]), [{ ...moved, file: 'mm/b.c' }]);
});

test('lines that a message names may move, too, but nothing else in it', (t) => {
	const finding = { rule: 'a/b', file: 'mm/a.c', line: 9, message: 'preceding lock on line 3' };
	const moved = { ...finding, line: 90, message: 'preceding lock on line 84' };
	t.deepEqual(onlyNew([moved], [finding]), []);
	const other = { ...finding, message: 'preceding unlock on line 3' };
	t.deepEqual(onlyNew([other], [finding]), [other]);
});
