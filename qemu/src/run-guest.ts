// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { qemuArguments, type Machine } from './command-line.js';
import { readConsole } from './console/read-console.js';
import { withoutRacesOfOthers } from './console/data-races.js';
import { findReports, type KernelReport } from './console/reports.js';
import { describeEnding } from './describe-ending.js';
import { classifyEnding, type Ending, type Observed, type Stop } from './ending.js';
import { encodeFrame } from './frames.js';
import { encodeJob } from './job.js';
import { limitsFor, type Limits } from './limits.js';
import type { GuestOptions } from './options.js';
import { qemuProgram, startQemu, type QemuProcess } from './qemu-process.js';
import { quoteCommand } from './quote-command.js';
import { handOverTerminal, terminalSize } from './terminal.js';
import { forwardInput, forwardOutput, untilClosed, type Output } from './transfer.js';
import { parseVerdictLine, type Started, type Verdict } from './verdict.js';
import { watchRun, type Watch } from './watch.js';

/** What came of a run. */
export interface GuestResult {
	ending: Ending;
	/** What to exit with: the command's own status, or one of `endingStatus`. */
	status: number;
	/** Why the status isn't the command's own, for people; no line if it is. */
	words: string[];
	/** What the kernel reported about itself. */
	reports: readonly KernelReport[];
	/** What guest-init said last, if it came to that. */
	verdict: Verdict | undefined;
	/** From QEMU's start until the command was started; undefined if it wasn't. */
	bootSeconds: number | undefined;
	/** From QEMU's start to its end. */
	seconds: number;
	/** File of everything the kernel printed. */
	consoleLog: string;
}

/** A guest that has said how its command ended gets so long to go. */
const leaveSeconds = 10;

type Report = (line: string) => void;

// What is known so far of a run, and what acts on it.
interface Run {
	qemu: QemuProcess;
	watch: Watch;
	stdout: Output;
	stderr: Output;
	started?: Started;
	startedAt?: number;
	verdict?: Verdict;
	complete: boolean;
	stop?: Stop;
}

function limitsOf({ accelerator, debugChecks, icount }: GuestOptions): Limits {
	return limitsFor({
		accelerator,
		debugChecks: debugChecks ?? false,
		icount: icount ?? false,
	});
}

function describeMachine(options: GuestOptions, consoleLog: string): Machine {
	const icount = options.icount ?? false;
	const slowAcpi = options.debugChecks === true && options.accelerator === 'tcg';
	if (icount && (options.cpus !== 1 || options.accelerator !== 'tcg')) {
		throw new RangeError(
			`counting instructions needs TCG and 1 processor, got ${options.accelerator} and ${options.cpus}`,
		);
	}
	return {
		image: options.image,
		init: options.init,
		consoleLog,
		accelerator: options.accelerator,
		cpus: options.cpus,
		memoryMiB: options.memoryMiB,
		icount,
		acpi: options.acpi ?? !slowAcpi,
		gdb: options.gdb ?? false,
		liveFiles: options.shell ?? false,
		slowness: limitsOf(options).factor,
		append: options.append ?? '',
	};
}

function startWatch(
	options: GuestOptions,
	consoleLog: string,
	isHeldUp: () => boolean,
	stop: (reason: Stop) => void,
): Watch {
	const limits = limitsOf(options);
	// A person at a terminal or in a debugger takes the time it takes.
	const attended = options.gdb === true || options.shell === true;
	return watchRun({
		limits: {
			boot: options.gdb ? 0 : limits.bootSeconds,
			silence: attended ? 0 : (options.silenceSeconds ?? limits.silenceSeconds),
			total: options.gdb ? 0 : (options.timeoutSeconds ?? 0),
		},
		consoleLog,
		isHeldUp,
		stop,
	});
}

// Lets the guest go once it has said everything and all of it is here.
function leaveWhenComplete(run: Run): void {
	const { verdict, stdout, stderr, qemu } = run;
	if (
		!run.complete &&
		verdict?.stdoutBytes === stdout.bytes &&
		verdict.stderrBytes === stderr.bytes
	) {
		run.complete = true;
		qemu.ports.command.write(encodeFrame('leave'));
		const timer = setTimeout(qemu.kill, leaveSeconds * 1000);
		void qemu.ended.then(() => {
			clearTimeout(timer);
		});
	}
}

function takeStarted(run: Run, started: Started, cpus: number, report: Report): void {
	run.started = started;
	run.startedAt = performance.now();
	run.watch.booted();
	if (started.processors !== cpus) {
		report(`the guest's kernel found ${started.processors} of ${cpus} processors`);
	}
}

function takeVerdictLine(run: Run, line: string, cpus: number, report: Report): void {
	const message = parseVerdictLine(line);
	run.watch.heard();
	if (message === undefined) {
		report(`guest-init sent what can't be read: ${line}`);
	} else if ('complaint' in message) {
		report(`in the guest: ${message.complaint}`);
	} else if ('started' in message) {
		takeStarted(run, message.started, cpus, report);
	} else {
		run.verdict = message.verdict;
		leaveWhenComplete(run);
	}
}

function startRun(options: GuestOptions, consoleLog: string): Run {
	const machineArguments = qemuArguments(describeMachine(options, consoleLog));
	options.report?.(quoteCommand([qemuProgram, ...machineArguments]));
	const qemu = startQemu(machineArguments);
	const stop = (reason: Stop) => {
		run.stop ??= reason;
		qemu.kill();
	};
	const forward = (name: 'stdout' | 'stderr') =>
		forwardOutput(
			qemu.ports[name],
			options[name],
			() => {
				run.watch.heard();
				leaveWhenComplete(run);
			},
			() => {
				stop({ cause: 'interrupted', signal: 'SIGPIPE' });
			},
		);
	const isHeldUp = () => run.stdout.isHeldUp() || run.stderr.isHeldUp();
	const run: Run = {
		qemu,
		watch: startWatch(options, consoleLog, isHeldUp, stop),
		stdout: forward('stdout'),
		stderr: forward('stderr'),
		complete: false,
	};
	const interrupt = () => {
		stop({ cause: 'interrupted', signal: String(options.interrupt?.reason) });
	};
	options.interrupt?.addEventListener('abort', interrupt);
	if (options.interrupt?.aborted) {
		interrupt();
	}
	void qemu.ended.then(() => {
		options.interrupt?.removeEventListener('abort', interrupt);
	});
	return run;
}

// Talks with the guest until QEMU is gone and everything it sent has arrived.
async function attend(run: Run, options: GuestOptions): Promise<void> {
	const { ports, ended } = run.qemu;
	const report = options.report ?? (() => undefined);
	readline.createInterface({ input: ports.verdict }).on('line', (line) => {
		takeVerdictLine(run, line, options.cpus, report);
	});
	ports.command.resume();
	ports.stdin.resume();
	ports.command.write(encodeJob(options, options.shell ? terminalSize(options.stdout) : undefined));
	const returnTerminal = options.shell
		? handOverTerminal(options.stdin, options.stdout, ports.command)
		: () => undefined;
	const stopInput = forwardInput(options.stdin, ports.stdin);
	try {
		await ended;
		run.watch.end();
		await Promise.all([run.stdout.ended, run.stderr.ended, untilClosed(ports.verdict)]);
	} finally {
		stopInput();
		returnTerminal();
	}
}

function reportsThatCount(
	reports: KernelReport[],
	dataRacesOf: readonly string[] | undefined,
): KernelReport[] {
	return dataRacesOf === undefined ? reports : withoutRacesOfOthers(reports, dataRacesOf);
}

/**
 * Boots a kernel, runs one command in it, and waits until the machine is gone.
 * @returns also when the run failed: the ending tells how
 * @throws RangeError if the options contradict each other; a system error if the log can't be
 *   written
 */
export async function runGuest(options: GuestOptions): Promise<GuestResult> {
	const consoleLog = path.resolve(options.logDirectory, 'console.log');
	await mkdir(options.logDirectory, { recursive: true });
	await writeFile(consoleLog, '');
	const start = performance.now();
	const run = startRun(options, consoleLog);
	await attend(run, options);
	const seconds = (performance.now() - start) / 1000;
	const lines = await readConsole(consoleLog);
	const observed: Observed = {
		stop: run.stop,
		qemu: await run.qemu.ended,
		started: run.started,
		verdict: run.verdict,
		complete: run.complete,
		reports: reportsThatCount(findReports(lines), options.dataRacesOf),
	};
	const ending = classifyEnding(observed);
	return {
		ending,
		status: ending.status,
		words: describeEnding({ ending, observed, console: lines, consoleLog }),
		reports: observed.reports,
		verdict: run.verdict,
		bootSeconds: run.startedAt === undefined ? undefined : (run.startedAt - start) / 1000,
		seconds,
		consoleLog,
	};
}
