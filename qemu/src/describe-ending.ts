// SPDX-License-Identifier: GPL-2.0-only
import type { KernelReport } from './console/reports.js';
import { newTaint, type Ending, type Observed, type Stop } from './ending.js';
import { qemuProgram, type QemuEnd } from './qemu-process.js';
import { describeTaint } from './taint.js';
import { commandStatus, type Verdict } from './verdict.js';

/** So many of the console's last lines are shown when the kernel didn't get any further. */
const tailLines = 40;

/** Of so many reports the first lines are shown; the console's file has them all. */
const listedReports = 10;

/** Of a report's text, and of kmemleak's, so many lines are shown. */
const shownLines = 40;

/** What the words are about. */
export interface Described {
	ending: Ending;
	observed: Observed;
	/** The console's lines and their file. */
	console: readonly string[];
	consoleLog: string;
}

function describeCommand(verdict: Verdict): string {
	return verdict.signal === undefined
		? `the command ended with status ${commandStatus(verdict)}`
		: `the command was killed by signal ${verdict.signal}`;
}

function indent(lines: readonly string[]): string[] {
	return lines.map((line) => `  ${line}`);
}

function describeTail({ console, consoleLog }: Described): string[] {
	if (console.length === 0) {
		return [`the console is empty (${consoleLog}); more may show with --append earlyprintk=ttyS0`];
	}
	const tail = console.slice(-tailLines);
	return [`the console's last ${tail.length} lines, all of it in ${consoleLog}:`, ...indent(tail)];
}

function describeReports(reports: readonly KernelReport[]): string[] {
	const [first] = reports;
	if (first === undefined) {
		return [];
	}
	const listed = reports.slice(0, listedReports).map(({ kind, title }) => `${kind}: ${title}`);
	const text = first.text.split('\n').slice(0, shownLines);
	return [
		`the kernel reported on its console (${reports.length} in all):`,
		...indent(listed),
		'the first in full:',
		...indent(text),
	];
}

function describeLeaks({ leaks }: Verdict): string[] {
	return leaks
		? ['kmemleak found:', ...indent(leaks.trimEnd().split('\n').slice(0, shownLines))]
		: [];
}

function describeKernelReport({ observed, consoleLog }: Described, verdict: Verdict): string[] {
	const taint = newTaint(observed);
	return [
		`${describeCommand(verdict)}, but the kernel has something to report`,
		...describeReports(observed.reports),
		...(taint === 0 ? [] : [`the kernel is tainted since: ${describeTaint(taint)}`]),
		...describeLeaks(verdict),
		`console: ${consoleLog}`,
	];
}

function describeStop(stop: Stop | undefined, what: string): string {
	switch (stop?.cause) {
		case undefined:
			return `${what}: the machine switched off or reset before`;
		case 'interrupted':
			return `interrupted by ${stop.signal}`;
		case 'boot limit':
			return `${what} within ${stop.seconds} s`;
		case 'time limit':
			return `the time limit of ${stop.seconds} s is over`;
		case 'silence':
			return `no output and no console line for ${stop.seconds} s`;
	}
}

function describeQemu({ exitCode, signal, message }: QemuEnd): string[] {
	const how =
		signal === undefined
			? exitCode === undefined
				? `${qemuProgram} did not start`
				: `${qemuProgram} ended with status ${exitCode}`
			: `${qemuProgram} was killed by ${signal}`;
	const missing = /failed to execute|ENOENT/.test(message)
		? ["install Debian's packages qemu-system-x86 and util-linux"]
		: [];
	return [how, ...(message === '' ? [] : indent(message.split('\n'))), ...missing];
}

function panicTitle(observed: Observed): string | undefined {
	return observed.reports.find(({ kind }) => kind === 'panic')?.title;
}

function describeBootFailure(described: Described): string[] {
	const { observed } = described;
	const cause = panicTitle(observed) ?? describeStop(observed.stop, 'init did not report');
	return [`the kernel did not boot: ${cause}`, ...describeTail(described)];
}

/**
 * Says how a run ended: the cause, what is known of the command, and where the console is.
 * @returns lines; none if it ended as the command did
 */
export function describeEnding(described: Described): string[] {
	const { ending, observed, consoleLog } = described;
	const { stop, started, verdict, qemu } = observed;
	const reportsAndLog = [...describeReports(observed.reports), `console: ${consoleLog}`];
	switch (ending.kind) {
		case 'command':
			return [];
		case 'boot failed':
			return describeBootFailure(described);
		case 'kernel report':
			return verdict === undefined ? reportsAndLog : describeKernelReport(described, verdict);
		case 'kernel panic':
			return [`the kernel panicked: ${panicTitle(observed) ?? ''}`, ...describeTail(described)];
		case 'silence':
		case 'time limit': {
			const state =
				started === undefined ? 'the kernel was still booting' : 'the command was running';
			return [`${describeStop(stop, '')}; ${state}`, ...reportsAndLog];
		}
		case 'QEMU died':
			return [...describeQemu(qemu), ...reportsAndLog];
		case 'interrupted':
			return [describeStop(stop, '')];
		case 'result missing':
			return [
				verdict === undefined
					? 'the result is missing: the guest switched off or reset before the command had ended'
					: `${describeCommand(verdict)}, but not all of its output arrived`,
				...reportsAndLog,
			];
	}
}
