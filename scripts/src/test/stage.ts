// SPDX-License-Identifier: GPL-2.0-only
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { crashedTest, parseTap, type StageReport, type TestResult } from '@fastipc/ltp-style-tests';
import { Transform } from 'node:stream';

/** What the stages of a test run have in common. */
export interface TestRun {
	/** Folder of this run's reports and logs. */
	directory: string;
	/** Runs only tests whose titles match this. */
	match: string | undefined;
	/** Aborts when somebody wants the run to end. */
	interrupt: AbortSignal;
	say: (line: string) => void;
}

/** How the program that ran a stage's tests ended, but for what its TAP says. */
export interface StageEnding {
	status: number;
	/** What went wrong besides the tests, each with its details. */
	problems: readonly { title: string; details: string }[];
}

/** Where a stage's program writes. */
export interface StageOutput {
	/** Takes the TAP. */
	stdout: Transform;
	/** Takes the rest. */
	stderr: WriteStream;
	/** The stage's own folder. */
	directory: string;
}

const sayEverySeconds = 15;

/**
 * Runs a stage: its output goes to files, and what its TAP says, together with how it ended,
 * becomes its report. Whatever fails counts as a crashed test, so that nothing passes unseen.
 * @param parse reads the tests out of the stage's output
 */
export async function runStage(
	run: TestRun,
	name: string,
	work: (output: StageOutput) => Promise<StageEnding>,
	parse: (output: string) => TestResult[] = parseTap,
): Promise<StageReport> {
	const start = performance.now();
	const directory = path.join(run.directory, name);
	await mkdir(directory, { recursive: true });
	const log = path.join(directory, 'output.tap');
	const file = createWriteStream(log);
	const stderr = createWriteStream(path.join(directory, 'stderr.log'));
	const stdout = countTests((count) => {
		run.say(`${name}: ${count} tests so far`);
	});
	stdout.pipe(file);

	const ending = await work({ stdout, stderr, directory }).catch(describeFailure);
	stdout.end();
	stderr.end();
	await Promise.all([once(file, 'finish'), once(stderr, 'finish')]);
	const tests = judge(run, parse, await readFile(log, 'utf8'), ending);
	return { name, tests, seconds: (performance.now() - start) / 1000, log };
}

/** The stage's tests: those its TAP tells of, and one for each thing that went wrong besides. */
function judge(
	run: TestRun,
	parse: (output: string) => TestResult[],
	tap: string,
	{ status, problems }: StageEnding,
): TestResult[] {
	const besides = problems.map(({ title, details }) => crashedTest(title, details));
	const nothingMatched = run.match !== undefined && /^1\.\.0$/m.test(tap) && problems.length === 0;
	if (nothingMatched) {
		return [];
	}
	const tests = tap === '' && problems.length > 0 ? besides : [...parse(tap), ...besides];
	const good = tests.every((test) => test.status === 'passed' || test.status === 'skipped');
	// AVA ends with 1 as soon as one file has no test that matches.
	const expected = run.match === undefined ? [0] : [0, 1];
	return good && !expected.includes(status)
		? [...tests, crashedTest(`the tests ended with status ${status} although none failed`)]
		: tests;
}

function describeFailure(error: unknown): StageEnding {
	const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
	const [title = 'the stage failed'] = (
		error instanceof Error ? error.message : String(error)
	).split('\n');
	return { status: 1, problems: [{ title, details }] };
}

/** Passes TAP on and tells now and then how many tests there were. */
function countTests(tell: (count: number) => void): Transform {
	let count = 0;
	let told = performance.now();
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			count += chunk.toString('latin1').match(/^ *(not )?ok /gm)?.length ?? 0;
			if (performance.now() - told > sayEverySeconds * 1000) {
				told = performance.now();
				tell(count);
			}
			done(null, chunk);
		},
	});
}
