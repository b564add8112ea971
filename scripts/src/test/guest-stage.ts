// SPDX-License-Identifier: GPL-2.0-only
import {
	cacheDirectory,
	functionsOfSeries,
	isChecked,
	type KernelFlavour,
	type Reporter,
} from '@fastipc/kernel-patches';
import {
	crashedTest,
	guestTestCommand,
	races,
	rowsNotShown,
	type GuestTestCommand,
	type StageReport,
	type TestPart,
} from '@fastipc/ltp-style-tests';
import { nativePath } from '@fastipc/native';
import { chooseAccelerator, limitsFor, runGuest, type GuestResult } from '@fastipc/qemu';
import path from 'node:path';
import { guestEnvironment } from '../vm/environment.js';
import { dbusBroker, findUnpacked } from './debian-programs.js';
import type { FoundKernel, KernelFinder } from './kernel-finder.js';
import { runStage, type StageEnding, type StageOutput, type TestRun } from './stage.js';

/** Which kernel to test, and from where. */
export interface GuestStageOptions {
	flavour: KernelFlavour;
	findKernel: KernelFinder;
	/** Which tests; else those of the calls. */
	part?: TestPart | undefined;
	/** For how many seconds each race runs. */
	raceSeconds?: number | undefined;
	/** For how many seconds the storm of AF_DBUS's clients goes on; as it usually does where left out. */
	stormSeconds?: number | undefined;
	/** How many seconds more it may take than the conformance tests, under KVM. */
	moreSeconds?: number | undefined;
	/** More parameters for the kernel. */
	append?: string | undefined;
	checkout: string;
	report: Reporter;
}

/**
 * A stage's tests may take so long on a guest under KVM, and a multiple on a slower one. Ample, as
 * the machine may be busy, and tests that hang are ended by their silence.
 */
const secondsUnderKvm = 300;

/** What the kernel must do, in a guest that runs it. */
export async function runGuestTests(
	options: GuestStageOptions,
	run: TestRun,
): Promise<StageReport> {
	const { flavour, part = 'calls' } = options;
	const name = part === 'calls' ? flavour : `${part}-${flavour}`;
	const stage = await runStage(run, name, (output) => runConformance(options, run, output));
	// Other kernels lack something, as PREEMPT_RT does huge pages.
	const shows = flavour === 'release' && part === 'calls' && run.match === undefined;
	return shows ? withRowsNotShown(stage) : stage;
}

/** A row of the contract without a test that passes counts as a failure. */
function withRowsNotShown(stage: StageReport): StageReport {
	const missing = rowsNotShown(stage.tests).map(({ row, tests }) =>
		crashedTest(
			`the contract's row is not shown: ${row}`,
			`no such test passed:\n${tests.join('\n')}`,
		),
	);
	return { ...stage, tests: [...stage.tests, ...missing] };
}

async function runConformance(
	options: GuestStageOptions,
	run: TestRun,
	output: StageOutput,
): Promise<StageEnding> {
	const kernel = await options.findKernel(options.flavour);
	const command = guestTestCommand({
		kernel: options.flavour,
		part: options.part,
		syscallNumbers: kernel.syscallNumbers,
		modules: options.flavour === 'module' ? kernel.modules : undefined,
		unpacked: options.part === 'dbus' ? await findUnpackedOrSay(options, run) : undefined,
		match: run.match,
		raceSeconds: options.raceSeconds,
	});
	return runInGuest(options, kernel, command, run, output);
}

/** Tests that need what can't be had are skipped. */
async function findUnpackedOrSay(
	{ report }: GuestStageOptions,
	run: TestRun,
): Promise<string | undefined> {
	try {
		return await findUnpacked(dbusBroker, report);
	} catch (error) {
		run.say(
			`there is no ${dbusBroker.name}: ${error instanceof Error ? error.message : String(error)}`,
		);
		return undefined;
	}
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
	const debugChecks = isChecked(options.flavour);
	const limits = limitsFor({ accelerator, debugChecks, icount: false });
	// A race's and a storm's seconds are the clock's, however fast the guest is.
	const { raceSeconds = 0, stormSeconds = 0, moreSeconds = 0 } = options;
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
		dataRacesOf: await functionsOfSeries(),
		append: options.append,
		timeoutSeconds:
			(secondsUnderKvm + moreSeconds) * limits.factor +
			2 * raceSeconds * races.length +
			stormSeconds,
		silenceSeconds: limits.silenceSeconds + raceSeconds + stormSeconds,
		keepVisible: [options.checkout, cacheDirectory(), process.execPath],
		logDirectory: output.directory,
		stdout: output.stdout,
		stderr: output.stderr,
		interrupt: run.interrupt,
		report: run.say,
	});
	return describeEnding(result);
}

/** A run that didn't end as its command did has something wrong, whatever the tests say. */
function describeEnding({ ending, status, words, consoleLog }: GuestResult): StageEnding {
	if (ending.kind === 'command') {
		return { status, problems: [] };
	}
	const details = [...words, `console: ${consoleLog}`].join('\n');
	return { status, problems: [{ title: `the guest's run ended with: ${ending.kind}`, details }] };
}
