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
import { compileAll } from './test/host-stage.js';
import { createKernelFinder, type KernelFinder } from './test/kernel-finder.js';
import { kernelsToTest } from './test/kernels-to-test.js';
import { planStages } from './test/plan-stages.js';
import { runStages } from './test/run-stages.js';
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

/**
 * Builds what is missing, kernel by kernel, as their compilers keep all processors busy. What fails
 * here fails the stages that need it.
 */
async function buildKernels(
	given: TestArguments,
	findKernel: KernelFinder,
	interrupt: AbortSignal,
): Promise<void> {
	for (const { flavour } of kernelsToTest(given)) {
		if (!interrupt.aborted) {
			await Promise.allSettled([findKernel(flavour)]);
		}
	}
}

async function testAll(given: TestArguments, run: TestRun): Promise<StageReport[]> {
	const tell = (stage: StageReport) => {
		process.stdout.write(`${stageSummary(stage)}\n`);
	};
	const errors = await compileAll(checkout, run);
	if (errors !== undefined) {
		const stage = await failedCompilation(errors, run);
		tell(stage);
		return [stage];
	}
	await buildNative();
	const findKernel = createKernelFinder(given.image, report);
	await buildKernels(given, findKernel, run.interrupt);
	const stages = planStages(given, { checkout, findKernel, report }, run);
	return runStages(stages, tell, run.interrupt);
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
	const stages = await testAll(given, run);
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
