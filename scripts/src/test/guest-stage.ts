// SPDX-License-Identifier: GPL-2.0-only
import {
	cacheDirectory,
	ensureKernel,
	type KernelFlavour,
	type Reporter,
} from '@fastipc/kernel-patches';
import {
	guestTestCommand,
	races,
	type GuestTestCommand,
	type StageReport,
} from '@fastipc/ltp-style-tests';
import { nativePath } from '@fastipc/native';
import { chooseAccelerator, limitsFor, runGuest, type GuestResult } from '@fastipc/qemu';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { guestEnvironment } from '../vm/environment.js';
import { runStage, type StageEnding, type StageOutput, type TestRun } from './stage.js';

/** Which kernel to test, and from where. */
export interface GuestStageOptions {
	flavour: KernelFlavour;
	/** A bzImage to take instead of the one that would be built. */
	image: string | undefined;
	/** Runs only the races, each for so many seconds. */
	raceSeconds?: number | undefined;
	/** How many seconds more it may take than the conformance tests, under KVM. */
	moreSeconds?: number | undefined;
	checkout: string;
	report: Reporter;
}

/** A stage's tests may take so long on a guest under KVM, and a multiple on a slower one. */
const secondsUnderKvm = 150;

/** What the kernel must do, in a guest that runs it. */
export function runGuestTests(options: GuestStageOptions, run: TestRun): Promise<StageReport> {
	const name = options.raceSeconds === undefined ? options.flavour : `races-${options.flavour}`;
	return runStage(run, name, (output) => runConformance(options, run, output));
}

async function runConformance(
	options: GuestStageOptions,
	run: TestRun,
	output: StageOutput,
): Promise<StageEnding> {
	const kernel = await findKernel(options);
	const command = guestTestCommand({
		kernel: options.flavour,
		syscallNumbers: kernel.syscallNumbers,
		match: run.match,
		raceSeconds: options.raceSeconds,
	});
	return runInGuest(options, kernel, command, run, output);
}

interface FoundKernel {
	image: string;
	syscallNumbers: string | undefined;
}

/** Runs a command that prints TAP in a guest, as a stage's work. */
export async function runInGuest(
	options: GuestStageOptions,
	kernel: FoundKernel,
	{ command, cwd, env }: GuestTestCommand,
	run: TestRun,
	output: StageOutput,
): Promise<StageEnding> {
	const accelerator = await chooseAccelerator({
		image: kernel.image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: run.say,
	});
	const debugChecks = options.flavour === 'debug';
	const limits = limitsFor({ accelerator, debugChecks, icount: false });
	// A race's seconds are the clock's, however fast the guest is.
	const seconds = options.raceSeconds ?? 0;
	const result = await runGuest({
		image: kernel.image,
		init: nativePath('guest-init'),
		command,
		cwd,
		env: guestEnvironment({
			node: process.execPath,
			terminalType: undefined,
			syscallNumbers: kernel.syscallNumbers,
			added: env,
		}),
		cpus: 2,
		memoryMiB: 2048,
		accelerator,
		debugChecks,
		timeoutSeconds:
			(secondsUnderKvm + (options.moreSeconds ?? 0)) * limits.factor + 2 * seconds * races.length,
		silenceSeconds: limits.silenceSeconds + seconds,
		keepVisible: [options.checkout, cacheDirectory(), process.execPath],
		logDirectory: output.directory,
		stdout: output.stdout,
		stderr: output.stderr,
		interrupt: run.interrupt,
		report: run.say,
	});
	return describeEnding(result);
}

/** The kernel that a stage is about: the one that was given, or else it is built. */
export async function findKernel({
	flavour,
	image,
	report,
}: GuestStageOptions): Promise<FoundKernel> {
	if (image === undefined) {
		return ensureKernel(flavour, { report });
	}
	const numbers = path.resolve(path.dirname(image), 'syscall-numbers.json');
	return { image, syscallNumbers: existsSync(numbers) ? numbers : undefined };
}

/** A run that didn't end as its command did has something wrong, whatever the tests say. */
function describeEnding({ ending, status, words, consoleLog }: GuestResult): StageEnding {
	if (ending.kind === 'command') {
		return { status, problems: [] };
	}
	const details = [...words, `console: ${consoleLog}`].join('\n');
	return { status, problems: [{ title: `the guest's run ended with: ${ending.kind}`, details }] };
}
