// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory, UserError, type Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import { limitsFor, runGuest, type Accelerator, type GuestResult } from '@fastipc/qemu';
import process from 'node:process';
import type { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { guestEnvironment } from '../../vm/environment.js';
import { readLines, type LineReader } from '../read-lines.js';
import { guestScript } from './guest-script.js';
import { parseOutput, type MpiRunOutput } from './output.js';
import type { MpiRun } from './plan.js';

/** One boot in which a plan is run. */
export interface PlanOptions {
	plan: readonly MpiRun[];
	/** Path of the bzImage, and of the file with the numbers of its system calls. */
	kernel: { image: string; syscallNumbers: string };
	accelerator: Accelerator;
	/** The kernel has the checkers. */
	debugChecks: boolean;
	logDirectory: string;
	report: Reporter;
	interrupt?: AbortSignal | undefined;
}

/** How long a run of `mpirun` may take under KVM; other guests get a multiple of it. */
const secondsUnderKvm = { 'ping-pong': 10, hpcc: 60 } as const;

/** The checkout's folder, which the guest needs even where it lies below /tmp. */
const checkout = fileURLToPath(new URL('../../../..', import.meta.url));

function timeLimit({ plan, accelerator, debugChecks }: PlanOptions): number {
	const underKvm = plan.reduce((sum, { program }) => sum + secondsUnderKvm[program], 30);
	return underKvm * limitsFor({ accelerator, debugChecks, icount: false }).factor;
}

/** Collects what is printed, and tells which run has begun. */
function followRuns({ plan, report }: PlanOptions): LineReader {
	let begun = 0;
	return readLines((line) => {
		if (line.startsWith('begin ')) {
			begun++;
			if (begun === 1 || begun % 10 === 0 || plan[begun - 1]?.program === 'hpcc') {
				report.say(`run ${begun} of ${plan.length}: ${line.slice('begin '.length)}`);
			}
		}
	});
}

function boot(
	options: PlanOptions,
	stdout: PassThrough,
	stderr: PassThrough,
): Promise<GuestResult> {
	const { plan, kernel, accelerator, debugChecks, logDirectory, report, interrupt } = options;
	const script = guestScript(plan, {
		pingPong: nativePath('mpi-ping-pong'),
		preload: nativePath('libprocess-vm-preload.so'),
	});
	return runGuest({
		image: kernel.image,
		init: nativePath('guest-init'),
		command: ['sh', '-c', script],
		cwd: '/tmp',
		env: guestEnvironment({
			node: process.execPath,
			terminalType: undefined,
			syscallNumbers: kernel.syscallNumbers,
			added: {},
		}),
		cpus: 2,
		memoryMiB: 2048,
		accelerator,
		debugChecks,
		timeoutSeconds: timeLimit(options),
		keepVisible: [checkout, cacheDirectory()],
		logDirectory,
		stdout,
		stderr,
		interrupt,
		report: (line) => {
			report.say(line);
		},
	});
}

/**
 * Boots a kernel and runs the plan in it.
 * @throws UserError if the guest ended in any other way than with all runs done
 */
export async function runPlan(options: PlanOptions): Promise<MpiRunOutput[]> {
	const stdout = followRuns(options);
	const stderr = readLines((line) => {
		options.report.say(`in the guest: ${line}`);
	});
	const result = await boot(options, stdout.stream, stderr.stream);
	const lines = await stdout.finish();
	const complaints = await stderr.finish();
	if (result.ending.kind !== 'command' || result.status !== 0) {
		const begun = lines.findLast((line) => line.startsWith('begin ')) ?? 'nothing had begun';
		const ended =
			result.ending.kind === 'command'
				? [`Open MPI's runs ended with status ${result.status}`]
				: result.words;
		const how = [...ended, `the last: ${begun}`, ...complaints];
		throw new UserError(`${how.join('\n')}\nthe full log is ${result.consoleLog}`);
	}
	return parseOutput(lines);
}
