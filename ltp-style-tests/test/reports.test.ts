// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { create } from 'xmlbuilder2';
import { z } from 'zod';
import { toJunit } from '../src/report/junit.js';
import { toKtap } from '../src/report/ktap.js';
import { countTotals, crashedTest, type StageReport } from '../src/report/results.js';
import { stageSummary, totalsLine } from '../src/report/summary.js';
import { writeReports } from '../src/report/write-reports.js';
import { makeTemporaryFolder } from '../src/temporary-folder.js';

const result = { suite: 'a', reason: undefined, diagnostics: '' };
const mixed: StageReport = {
	name: 'release',
	seconds: 12.34,
	log: '/logs/output.tap',
	tests: [
		{ ...result, title: 'good', status: 'passed' },
		{ ...result, title: 'left out', status: 'skipped', reason: 'needs root' },
		{
			...result,
			title: 'bad: #1 <&> "x"',
			status: 'failed',
			reason: 'EPERM is not EFAULT',
			diagnostics: "- 'EPERM'\n+ 'EFAULT'\u001b[0m",
		},
		crashedTest('the output ends before its plan', 'the last test was: good'),
	],
};
const good: StageReport = { ...mixed, name: 'host', tests: mixed.tests.slice(0, 2) };

test('KTAP nests the stages, quotes failures in front of their line, and gives skips a reason', (t) => {
	t.is(
		toKtap([good, mixed]),
		[
			'KTAP version 1',
			'1..2',
			'  KTAP version 1',
			'  1..2',
			'  ok 1 a: good',
			'  ok 2 a: left out # SKIP needs root',
			'ok 1 host',
			'  KTAP version 1',
			'  1..4',
			'  ok 1 a: good',
			'  ok 2 a: left out # SKIP needs root',
			'  # failed: EPERM is not EFAULT',
			"  # - 'EPERM'",
			"  # + 'EFAULT'\u001b[0m",
			'  not ok 3 a: bad: no.1 <&> "x"',
			'  # crashed: the output ends before its plan',
			'  # the last test was: good',
			'  not ok 4 the output ends before its plan',
			'not ok 2 release',
			'',
		].join('\n'),
	);
});

test('a stage without a test is not ok in KTAP', (t) => {
	t.regex(toKtap([{ ...good, tests: [] }]), /^not ok 1 host$/m);
});

const suiteSchema = z.object({
	testsuites: z.object({
		'@tests': z.string(),
		testsuite: z.object({
			'@name': z.string(),
			'@tests': z.string(),
			'@failures': z.string(),
			'@errors': z.string(),
			'@skipped': z.string(),
			'@time': z.string(),
			testcase: z.array(z.record(z.string(), z.unknown())),
		}),
	}),
});

test('JUnit tells crashed from failed from skipped', (t) => {
	const parsed = suiteSchema.parse(create(toJunit([mixed])).end({ format: 'object' }));
	const { testcase: cases, ...suite } = parsed.testsuites.testsuite;
	t.deepEqual(suite, {
		'@name': 'release',
		'@tests': '4',
		'@failures': '1',
		'@errors': '1',
		'@skipped': '1',
		'@time': '12.340',
	});
	t.deepEqual(cases[0], { '@classname': 'release.a', '@name': 'good' });
	t.deepEqual(cases[1]!['skipped'], { '@message': 'needs root' });
	t.true(toJunit([mixed]).includes('name="bad: #1 &lt;&amp;&gt; &quot;x&quot;"'));
	t.deepEqual(cases[2]!['failure'], {
		'@message': 'EPERM is not EFAULT',
		'#': "- 'EPERM'\n+ 'EFAULT'\ufffd[0m",
	});
	t.deepEqual(cases[3]!['error'], {
		'@message': 'the output ends before its plan',
		'#': 'the last test was: good',
	});
});

test('a crash counts as failed, and the closing line has the sums', (t) => {
	t.deepEqual(countTotals([good, mixed]), { passed: 2, failed: 2, skipped: 2 });
	t.is(totalsLine(countTotals([good, mixed])), '2 passed, 2 failed, 2 skipped');
	t.is(totalsLine(countTotals([])), '0 passed, 0 failed, 0 skipped');
});

test('the summary has counts, skips by reason, failures with diagnostics, and the log', (t) => {
	t.is(
		stageSummary(mixed),
		[
			'release: 1 passed, 2 failed, 1 skipped in 12.3 s',
			'  skipped 1: needs root',
			'  FAILED a › bad: #1 <&> "x"',
			'    EPERM is not EFAULT',
			"    - 'EPERM'",
			"    + 'EFAULT'\u001b[0m",
			'  CRASHED the output ends before its plan',
			'    the last test was: good',
			'  full log: /logs/output.tap',
		].join('\n'),
	);
	t.false(stageSummary(good).includes('full log'));
	t.regex(stageSummary({ ...good, notes: ['seven of nine'] }), /in 12\.3 s\n {2}seven of nine\n/);
});

test('reports are written whole: what was there is replaced, and nothing is left beside', async (t) => {
	const directory = await makeTemporaryFolder(t, 'reports-');
	await writeFile(path.join(directory, 'junit.xml'), 'old');
	const files = await writeReports(directory, [good, mixed]);
	t.deepEqual((await readdir(directory)).sort(), ['junit.xml', 'report.ktap', 'summary.txt']);
	t.is(await readFile(files[0]!, 'utf8'), toJunit([good, mixed]));
	t.is(await readFile(files[1]!, 'utf8'), toKtap([good, mixed]));
	t.regex(await readFile(files[2]!, 'utf8'), /\n2 passed, 2 failed, 2 skipped\n$/);
});

test('a report that can not be written leaves nothing behind', async (t) => {
	const directory = await makeTemporaryFolder(t, 'reports-');
	await t.throwsAsync(writeReports(path.join(directory, 'x\0y'), [good]));
	t.deepEqual(await readdir(directory), []);
});
