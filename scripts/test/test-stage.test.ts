// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runStage, type StageEnding, type TestRun } from '../src/test/stage.js';

const passing = 'TAP version 13\nok 1 - one\nok 2 - two\n\n1..2\n';

async function testRun(t: ExecutionContext, match?: string): Promise<TestRun> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'stage-'));
	t.teardown(() => rm(directory, { recursive: true }));
	return { directory, match, interrupt: new AbortController().signal, say: () => undefined };
}

/** A stage whose program prints this and ends so. */
async function stageOf(t: ExecutionContext, tap: string, ending: StageEnding, match?: string) {
	const run = await testRun(t, match);
	return runStage(run, 'release', ({ stdout, stderr }) => {
		stdout.write(tap);
		stderr.write('a warning\n');
		return Promise.resolve(ending);
	});
}

const ended = (status: number) => ({ status, problems: [] });

test('the tests of the TAP are the report, and all output is in files', async (t) => {
	const { tests, log, name } = await stageOf(t, passing, ended(0));
	t.is(name, 'release');
	t.deepEqual(
		tests.map(({ title, status }) => [title, status]),
		[
			['one', 'passed'],
			['two', 'passed'],
		],
	);
	t.is(await readFile(log, 'utf8'), passing);
	t.is(await readFile(path.join(path.dirname(log), 'stderr.log'), 'utf8'), 'a warning\n');
});

const crashes: [string, string, StageEnding, string[]][] = [
	[
		'a bad status although every test passed',
		passing,
		ended(1),
		['the tests ended with status 1 although none failed'],
	],
	['a truncated output', passing.slice(0, 30), ended(0), ['the output ends before its plan']],
	[
		'a run that went wrong beside its tests',
		passing,
		{ status: 121, problems: [{ title: 'kernel report', details: 'WARNING: …' }] },
		['kernel report'],
	],
	[
		'a run that went wrong before its tests',
		'',
		{ status: 120, problems: [{ title: 'boot failed', details: '' }] },
		['boot failed'],
	],
	['no output at all', '', ended(0), ['the output ends before its plan']],
	['no test', 'TAP version 13\n1..0\n', ended(0), ['no test ran']],
];

for (const [title, tap, ending, expected] of crashes) {
	test(`${title} is a crash`, async (t) => {
		const { tests } = await stageOf(t, tap, ending);
		const titles = tests.filter(({ status }) => status === 'crashed').map((each) => each.title);
		t.deepEqual(titles, expected);
	});
}

test('a pattern that matches nothing in one stage is no crash there', async (t) => {
	const { tests } = await stageOf(t, 'TAP version 13\n1..0\n', ended(1), 'no such title');
	t.deepEqual(tests, []);
});

test('a pattern that matches in some files only is no crash, but a bad end is', async (t) => {
	const statuses = async (status: number) =>
		(await stageOf(t, passing, ended(status), 'o*')).tests.map((each) => each.status);
	t.deepEqual(await statuses(1), ['passed', 'passed']);
	t.deepEqual(await statuses(137), ['passed', 'passed', 'crashed']);
});

test('a stage that throws is a crash with its reason, and the reports go on', async (t) => {
	const { tests } = await runStage(await testRun(t), 'debug', () =>
		Promise.reject(new Error('the kernel did not compile:\nfork.c:1: error')),
	);
	t.is(tests.length, 1);
	t.like(tests[0], { status: 'crashed', title: 'the kernel did not compile:' });
	t.regex(tests[0]!.diagnostics, /fork\.c:1: error/);
});
