// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { contractRows, rowsNotShown } from '../src/contract-rows.js';
import type { TestResult, TestStatus } from '../src/report/results.js';

const result = (title: string, status: TestStatus = 'passed'): TestResult => ({
	suite: 'calls',
	title,
	status,
	reason: undefined,
	diagnostics: '',
});

/** A test for each pattern. */
const all = contractRows.flatMap(({ tests }) =>
	tests.map((pattern) => result(pattern.replaceAll('*', 'x'))),
);

test('every row has tests, and a name of its own', (t) => {
	t.true(contractRows.every(({ tests }) => tests.length > 0));
	t.is(new Set(contractRows.map(({ row }) => row)).size, contractRows.length);
});

test('nothing is missing where each pattern has a test that passed', (t) => {
	t.deepEqual(rowsNotShown(all), []);
});

test('a row whose test is gone, failed or was skipped is told with what it lacks', (t) => {
	const title = 'copy_to_process: source and destination overlap';
	const others = all.filter((one) => one.title !== title);
	const expected = [{ row: 'overlapping ranges', tests: [title] }];
	t.is(others.length, all.length - 1);
	t.deepEqual(rowsNotShown(others), expected);
	t.deepEqual(rowsNotShown([...others, result(title, 'failed')]), expected);
	t.deepEqual(rowsNotShown([...others, result(title, 'skipped')]), expected);
});
