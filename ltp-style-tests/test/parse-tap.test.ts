// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseTap } from '../src/report/parse-tap.js';
import type { TestResult } from '../src/report/results.js';
import { titleWithSkipReason } from '../src/report/skip-reason.js';

const samples = new URL('test/tap/', import.meta.resolve('@fastipc/ltp-style-tests/package.json'));
const saved = (name: string) => readFileSync(new URL(`${name}.tap`, samples), 'utf8');
const statuses = (results: readonly TestResult[]) => results.map(({ status }) => status);

test('a complete run in which all passed', (t) => {
	const results = parseTap(saved('passing'));
	t.deepEqual(statuses(results), ['passed', 'passed', 'passed', 'passed']);
	t.like(results[0], {
		suite: 'arguments',
		title: 'copy_from_process: EINVAL for each unknown bit in flags, and nothing is copied',
		reason: undefined,
	});
});

test('failures with what the assertion said', (t) => {
	const results = parseTap(saved('failing'));
	t.deepEqual(statuses(results), ['passed', 'passed', 'failed', 'failed']);
	const failure = results[2]!;
	t.is(failure.title, 'copy_to_process: EFAULT where the buffer is address 0');
	t.is(failure.reason, 'the other end is untouched');
	t.regex(failure.diagnostics, /- 'differs at byte 0: 0x00, expected 0x5a'/);
	t.regex(failure.diagnostics, /assertion: t\.is\(\)/);
});

test('an output that ends before its plan is a crash, and says where', (t) => {
	const results = parseTap(saved('truncated'));
	t.deepEqual(statuses(results), ['passed', 'passed', 'passed', 'crashed']);
	t.is(results[3]!.title, 'the output ends before its plan');
	t.regex(results[3]!.diagnostics, /last test to report was: copy_from_process: flags/);
});

test('every cut of a passing run is a crash, but for the counts that follow its plan', (t) => {
	const whole = saved('passing');
	const plan = whole.indexOf('1..4') + '1..4'.length;
	for (let length = 0; length < plan; length++) {
		const results = parseTap(whole.slice(0, length));
		t.true(statuses(results).includes('crashed'), `cut after ${length} bytes`);
	}
	t.false(statuses(parseTap(whole.slice(0, plan))).includes('crashed'));
});

test('fewer tests than planned is a crash', (t) => {
	const results = parseTap(saved('fewer-than-planned'));
	t.deepEqual(statuses(results), ['passed', 'passed', 'passed', 'crashed']);
	t.is(results[3]!.title, '3 of 5 planned tests reported');
});

test('a kernel panic amid the tests is a crash that quotes it', (t) => {
	const results = parseTap(saved('panic'));
	const crashes = results.filter(({ status }) => status === 'crashed');
	t.deepEqual(
		crashes.map(({ title }) => title),
		['the kernel panicked while the tests ran', 'the output ends before its plan'],
	);
	t.regex(crashes[0]!.diagnostics, /Kernel panic - not syncing: Fatal exception/);
});

test('a bail-out is a crash with its reason', (t) => {
	const results = parseTap(saved('bailed-out'));
	t.deepEqual(statuses(results), ['passed', 'passed', 'passed', 'crashed']);
	t.is(results[3]!.title, 'the tests bailed out: the target of the tests is gone');
});

test('a test file that was killed is a crash', (t) => {
	const results = parseTap(saved('crashed'));
	t.deepEqual(statuses(results), ['passed', 'crashed']);
	t.is(results[1]!.reason, 'dist/tests/copies.test.js exited due to SIGABRT');
});

test('skips have their reason', (t) => {
	const results = parseTap(saved('skips'));
	t.deepEqual(statuses(results), ['passed', 'skipped', 'skipped']);
	t.is(results[1]!.title, 'copy_from_process: ESRCH for a zombie');
	t.is(results[1]!.reason, 'needs CONFIG_CROSS_MEMORY_COPY, which is not set');
	t.is(results[2]!.title, 'test › skipped by hand');
	t.is(results[2]!.reason, 'no reason given');
});

test('a skip reason survives any words', (t) => {
	const reason = 'needs (this) ⟨and⟩ that, 100 %';
	const [result] = parseTap(
		`TAP version 13\nok 1 - ${titleWithSkipReason('a title', reason)} # SKIP\n1..1\n`,
	);
	t.like(result, { title: 'a title', reason, status: 'skipped' });
});

test('no test at all is a crash', (t) => {
	t.deepEqual(
		parseTap(saved('nothing')).map(({ title }) => title),
		['no test ran'],
	);
	t.deepEqual(
		parseTap('').map(({ title }) => title),
		['the output ends before its plan'],
	);
});

test('a test that is only declared fails', (t) => {
	const [result] = parseTap('TAP version 13\nnot ok 1 - later # TODO\n1..1\n');
	t.is(result!.status, 'failed');
});
