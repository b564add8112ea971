// SPDX-License-Identifier: GPL-2.0-only
import type { StageReport } from '@fastipc/ltp-style-tests';
import { execa } from 'execa';
import { runStage, type StageEnding, type StageOutput, type TestRun } from './stage.js';

/**
 * Compiles everything.
 * @returns undefined, or the compiler's messages
 */
export async function compileAll(checkout: string, run: TestRun): Promise<string | undefined> {
	run.say('tsc --build');
	const result = await execa('tsc', ['--build'], {
		cwd: checkout,
		preferLocal: true,
		localDir: checkout,
		all: true,
		reject: false,
		cancelSignal: run.interrupt,
		env: { NO_COLOR: '1' },
	});
	return result.failed ? `${result.all}\n${result.shortMessage}` : undefined;
}

/** The unit tests of all parts, on this machine. */
export function runHostTests(checkout: string, run: TestRun): Promise<StageReport> {
	return runStage(run, 'host', (output) => runUnitTests(checkout, run, output));
}

async function runUnitTests(
	checkout: string,
	run: TestRun,
	{ stdout, stderr }: StageOutput,
): Promise<StageEnding> {
	const words = ['--tap', ...(run.match === undefined ? [] : ['--match', run.match])];
	run.say(`ava ${words.join(' ')}`);
	const child = execa('ava', words, {
		cwd: checkout,
		preferLocal: true,
		localDir: checkout,
		stdin: 'ignore',
		buffer: false,
		reject: false,
		cancelSignal: run.interrupt,
		env: { NO_COLOR: '1', FORCE_COLOR: '0' },
	});
	child.stdout.pipe(stdout, { end: false });
	child.stderr.pipe(stderr, { end: false });
	const { exitCode, isCanceled, shortMessage } = await child;
	if (exitCode !== undefined) {
		return { status: exitCode, problems: [] };
	}
	const title = isCanceled
		? 'the unit tests were interrupted'
		: 'the unit tests did not end by themselves';
	return { status: 1, problems: [{ title, details: shortMessage ?? '' }] };
}
