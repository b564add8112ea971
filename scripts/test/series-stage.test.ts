// SPDX-License-Identifier: GPL-2.0-only
import { parseTap } from '@fastipc/ltp-style-tests';
import test from 'ava';
import { describeResult, summarizeResults } from '../src/series/check.js';
import { formatCheck } from '../src/test/series-stage.js';

const checker = { name: 'subject', description: 'subjects: #1 of all' };
const exception = { rule: 'subject/length', files: '*', reason: 'it can not be said in less' };
const finding = { rule: 'subject/form', patch: '0001-a.patch', line: 4, message: 'no\nsubsystem' };
const bad = {
	checker,
	open: [finding],
	accepted: [{ rule: 'subject/length', message: 'long', exception }],
	seconds: 0.26,
};

test('a check is a test, which fails with its findings', (t) => {
	const tap = `${formatCheck('tiny', bad)}${formatCheck('tiny', { ...bad, open: [] })}1..2\n`;
	const [first, second, ...others] = parseTap(tap);
	t.deepEqual(others, []);
	t.deepEqual([first?.status, second?.status], ['failed', 'passed']);
	t.regex(JSON.stringify(first), /0001-a\.patch:4: subject\/form: no/);
	t.regex(JSON.stringify(first), /subsystem/);
});

test('the command prints what is open, why the rest is not, and a table', (t) => {
	t.deepEqual(describeResult(bad), [
		'0001-a.patch:4: subject/form: no\nsubsystem',
		'accepted: 1 × subject/length in *: it can not be said in less',
	]);
	t.regex(summarizeResults([bad]), /subject +│ subjects: #1 of all +│ +1 │ +1 │ +0\.3 │/);
});
