// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseKtap } from '../src/report/parse-ktap.js';

const samples = new URL('test/ktap/', import.meta.resolve('@fastipc/ltp-style-tests/package.json'));
const saved = (name: string) => readFileSync(new URL(`${name}.ktap`, samples), 'utf8');

/** The tests in short: status, and what comes with it. */
const brief = (text: string) =>
	parseKtap(text).map(({ suite, title, status, reason }) => {
		return [status, [suite, title].filter(Boolean).join(' › '), reason].filter(Boolean).join(': ');
	});

test("a kselftest's tests, with what failed ones said", (t) => {
	t.deepEqual(brief(saved('kselftest')), [
		'passed: mm/cross_memory › cross_memory.from.unknown_flags',
		'failed: mm/cross_memory › cross_memory.from.zero_length: cross_memory.c:622:zero_length:Expected 1 (1) == copy(self, 0, 0, NULL) (0)',
		'skipped: mm/cross_memory › cross_memory.from.hugetlb: No free hugetlb page',
	]);
	const [, failed] = parseKtap(saved('kselftest'));
	t.regex(failed!.diagnostics, /zero_length: Test terminated by assertion/);
	t.notRegex(failed!.diagnostics, /unknown_flags/);
});

test('tests in tests in tests', (t) => {
	t.deepEqual(brief(saved('nested')), [
		'passed: outer › inner › test_1',
		'failed: outer › inner › test_2: test_2: expected 1, got 2',
		'passed: outer › alone',
		'skipped: outer › later: no such device',
		'passed: plain',
	]);
});

test('every cut of a run is a crash, but for the end of its last line', (t) => {
	const whole = saved('nested').trimEnd();
	for (let length = 0; length < whole.length - 'plain'.length - 1; length++) {
		const statuses = parseKtap(whole.slice(0, length)).map(({ status }) => status);
		t.true(statuses.includes('crashed'), `cut after ${length} bytes`);
	}
	t.false(parseKtap(whole).some(({ status }) => status === 'crashed'));
});

const inProgram = (lines: readonly string[], ending: string) =>
	['KTAP version 1', '1..1', ...lines.map((line) => `  ${line}`), ending, ''].join('\n');

const rows: [string, string, string[]][] = [
	[
		'fewer tests than planned',
		inProgram(['TAP version 13', '1..3', 'ok 1 a', '# RUN b'], 'ok 1 mm/x'),
		['passed: mm/x › a', 'crashed: mm/x › 1 of 3 planned tests reported'],
	],
	[
		'more tests than planned',
		inProgram(['TAP version 13', '1..1', 'ok 1 a', 'ok 2 b'], 'ok 1 mm/x'),
		['passed: mm/x › a', 'passed: mm/x › b', 'crashed: mm/x › 2 of 1 planned tests reported'],
	],
	[
		'a program that fails although its tests pass',
		inProgram(['TAP version 13', '1..1', 'ok 1 a'], 'not ok 1 mm/x # it ended with status 139'),
		['passed: mm/x › a', 'failed: mm/x: it ended with status 139'],
	],
	[
		'a program that skips everything',
		inProgram(['TAP version 13', '1..0 # SKIP no call'], 'not ok 1 mm/x # it skipped everything'),
		['failed: mm/x: it skipped everything'],
	],
	[
		'a program without a word',
		inProgram([], 'not ok 1 mm/x # it ended with status 127'),
		['failed: mm/x: it ended with status 127'],
	],
	[
		'a bail-out',
		inProgram(['TAP version 13', '1..1', 'Bail out! no memory'], 'not ok 1 mm/x'),
		[
			'crashed: mm/x › the tests bailed out: no memory',
			'crashed: mm/x › 0 of 1 planned tests reported',
		],
	],
	[
		'directives',
		'KTAP version 1\n1..4\nok 1 a # XFAIL known\nnot ok 2 b # TIMEOUT 45 seconds\nok 3 c # TODO\nok 4 # SKIP\n',
		[
			'skipped: a: known',
			'failed: b: 45 seconds',
			'failed: c: it does not say why',
			'skipped: no reason given',
		],
	],
	['no output at all', '', ['crashed: the output ends before its plan']],
];

for (const [title, text, expected] of rows) {
	test(title, (t) => {
		t.deepEqual(
			brief(text),
			// The reason of a crash is its title again.
			expected.map((line) => line.replace(/^crashed: (?:.* › )?(.*)$/, `$&: $1`)),
		);
	});
}

/** As KUnit has it: parameters without a plan, and how many there were below them. */
const parameters = (count: number) =>
	`KTAP version 1
1..1
    KTAP version 1
    # Subtest: suite
    1..1
        KTAP version 1
        # Subtest: test
        ok 1 one
        ok 2 two
    # test: pass:${count} fail:0 skip:0 total:${count}
    ok 1 test
ok 1 suite
`;

test("a KUnit test's parameters need no plan, but must be as many as it says", (t) => {
	t.deepEqual(brief(parameters(2)), ['passed: suite › test › one', 'passed: suite › test › two']);
	t.true(brief(parameters(3)).some((line) => line.startsWith('crashed: ')));
});
