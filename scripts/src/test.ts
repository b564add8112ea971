// SPDX-License-Identifier: GPL-2.0-only
import { createReporter } from '@fastipc/kernel-patches';
import {
	countTotals,
	crashedTest,
	stageSummary,
	totalsLine,
	writeReports,
	type StageReport,
} from '@fastipc/ltp-style-tests';
import { buildNative } from '@fastipc/native';
import { CommanderError } from 'commander';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { abortOnSignals } from './interrupts.js';
import { parseTestArguments, type TestArguments } from './test/arguments.js';
import { runDbusTests } from './test/dbus-tests-stage.js';
import { runGuestTests } from './test/guest-stage.js';
import { compileAll, runHostTests } from './test/host-stage.js';
import { kernelsToTest } from './test/kernels-to-test.js';
import { runSelftests } from './test/selftest-stage.js';
import type { TestRun } from './test/stage.js';
import { makeLogDirectory } from './vm/log-directory.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const report = createReporter(process.stderr);

/** The compiler's messages as a stage of one crashed test, and in a file. */
async function failedCompilation(errors: string, run: TestRun): Promise<StageReport> {
	const log = path.join(run.directory, 'compile.log');
	await writeFile(log, `${errors}\n`);
	const tests = [crashedTest('tsc --build failed', errors)];
	return { name: 'compile', tests, seconds: 0, log };
}

/** Runs the stages one after another, as they would fight for the processors otherwise. */
async function runStages(given: TestArguments, run: TestRun): Promise<StageReport[]> {
	const stages: StageReport[] = [];
	const add = (stage: StageReport) => {
		stages.push(stage);
		process.stdout.write(`${stageSummary(stage)}\n`);
	};
	const errors = await compileAll(checkout, run);
	if (errors !== undefined) {
		add(await failedCompilation(errors, run));
		return stages;
	}
	await buildNative();
	if (given.races === undefined && given.dbusTests !== true) {
		add(await runHostTests(checkout, run));
	}
	for (const kernel of kernelsToTest(given)) {
		const { flavour, conformance, raceSeconds, selftests, dbusTests } = kernel;
		const options = { flavour, image: given.image, checkout, report };
		if (conformance && !run.interrupt.aborted) {
			add(await runGuestTests(options, run));
		}
		if (raceSeconds !== undefined && !run.interrupt.aborted) {
			add(await runGuestTests({ ...options, raceSeconds }, run));
		}
		if (selftests && !run.interrupt.aborted) {
			add(await runSelftests(options, run));
		}
		if (dbusTests && !run.interrupt.aborted) {
			add(await runDbusTests(options, run));
		}
	}
	return stages;
}

async function runTests(words: readonly string[]): Promise<number> {
	const given = parseTestArguments(words);
	const run: TestRun = {
		directory: await makeLogDirectory(path.join(checkout, 'results/test')),
		match: given.match,
		interrupt: abortOnSignals(),
		say: (line) => {
			report.say(line);
		},
	};
	const stages = await runStages(given, run);
	const written = await writeReports(run.directory, stages);
	run.say(`reports: ${written.join(' ')}`);
	const totals = countTotals(stages);
	if (totals.passed + totals.failed === 0) {
		run.say('no test ran');
	}
	process.stdout.write(`${totalsLine(totals)}\n`);
	const good = totals.failed === 0 && totals.passed > 0 && !run.interrupt.aborted;
	return good ? 0 : 1;
}

try {
	process.exitCode = await runTests(process.argv.slice(2));
} catch (error) {
	if (error instanceof CommanderError) {
		process.exitCode = error.exitCode;
	} else {
		report.say(inspect(error));
		// Continuous integration counts by this line; what failed is the run itself.
		process.stdout.write(`${totalsLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
		process.exitCode = 1;
	}
}
