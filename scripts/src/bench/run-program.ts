// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory, UserError, type Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import { limitsFor, runGuest, type Accelerator } from '@fastipc/qemu';
import process from 'node:process';
import type { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { guestEnvironment } from '../vm/environment.js';
import { readLines, type LineReader } from './read-lines.js';

/** A measuring program, and the guest that it runs in. */
export interface GuestProgram {
	/** For messages: which program on which kernel. */
	name: string;
	/** Path of the bzImage. */
	image: string;
	command: readonly string[];
	cpus: number;
	accelerator: Accelerator;
	/** The guest's clock counts instructions; needs one processor and `tcg`. */
	icount: boolean;
	/** Of the guest; else 1024. */
	memoryMiB?: number | undefined;
	/** How long it may take under KVM; other guests get a multiple of it. */
	secondsUnderKvm: number;
	/** How many lines it will print. */
	expectedLines: number;
	/** Of this boot. */
	logDirectory: string;
	report: Reporter;
	interrupt?: AbortSignal | undefined;
}

const sayEverySeconds = 15;

/** The checkout's folder, which the guest needs even where it lies below /tmp. */
const checkout = fileURLToPath(new URL('../../..', import.meta.url));

/** Tells now and then how many of the figures there are. */
function countFigures({ name, expectedLines, report }: GuestProgram): LineReader {
	let told = performance.now();
	return readLines((_line, count) => {
		if (performance.now() - told > sayEverySeconds * 1000) {
			told = performance.now();
			report.say(`${name}: ${count} of ${expectedLines} figures`);
		}
	});
}

function boot(program: GuestProgram, stdout: PassThrough, stderr: PassThrough) {
	const { accelerator, icount, report } = program;
	const { factor } = limitsFor({ accelerator, icount, debugChecks: false });
	return runGuest({
		image: program.image,
		init: nativePath('guest-init'),
		command: program.command,
		cwd: checkout,
		env: guestEnvironment({
			node: process.execPath,
			terminalType: undefined,
			syscallNumbers: undefined,
			added: {},
		}),
		cpus: program.cpus,
		memoryMiB: program.memoryMiB ?? 1024,
		accelerator,
		icount,
		timeoutSeconds: program.secondsUnderKvm * factor,
		keepVisible: [checkout, cacheDirectory()],
		logDirectory: program.logDirectory,
		stdout,
		stderr,
		interrupt: program.interrupt,
		report: (line) => {
			report.say(line);
		},
	});
}

/**
 * Boots a kernel and runs a measuring program in it.
 * @returns the lines that it printed
 * @throws UserError if the run ended in any other way than with the program's status 0
 */
export async function runProgram(program: GuestProgram): Promise<string[]> {
	const { name, command, report } = program;
	const stdout = countFigures(program);
	const stderr = readLines((line) => {
		report.say(`in the guest: ${line}`);
	});
	const result = await boot(program, stdout.stream, stderr.stream);
	const lines = await stdout.finish();
	const complaints = await stderr.finish();
	if (result.ending.kind !== 'command' || result.status !== 0) {
		const status = `${command[0] ?? ''} ended with status ${result.status}`;
		const ended = result.ending.kind === 'command' ? [status] : result.words;
		const how = [...ended, ...complaints];
		throw new UserError(`${name}: ${how.join('\n')}\nthe full log is ${result.consoleLog}`);
	}
	report.say(`${name}: ${lines.length} figures (${result.seconds.toFixed(0)} s)`);
	return lines;
}
