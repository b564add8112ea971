// SPDX-License-Identifier: GPL-2.0-only
import type { KernelReport } from './console/reports.js';
import type { QemuEnd } from './qemu-process.js';
import { commandStatus, type Started, type Verdict } from './verdict.js';

/** The statuses of the endings that aren't the command's own. */
export const endingStatus = {
	'boot failed': 120,
	'kernel report': 121,
	'kernel panic': 122,
	silence: 123,
	'time limit': 124,
	'QEMU died': 125,
	'result missing': 255,
} as const;

/** How a run ended; `command`: as the command did, `interrupted`: as a signal to us asked for. */
export type EndingKind = keyof typeof endingStatus | 'command' | 'interrupted';

/** Why we ended QEMU, if it didn't end by itself. */
export type Stop =
	| { cause: 'boot limit' | 'time limit' | 'silence'; seconds: number }
	| { cause: 'interrupted'; signal: string };

/** Everything that is known when QEMU has gone. */
export interface Observed {
	stop?: Stop | undefined;
	qemu: QemuEnd;
	/** What init said when it started the command. */
	started?: Started | undefined;
	/** What it said last. */
	verdict?: Verdict | undefined;
	/** Whether all bytes that the verdict counts have arrived. */
	complete: boolean;
	/** What the kernel reported on the console. */
	reports: readonly KernelReport[];
}

/** How a run ended, and the status that says so. */
export interface Ending {
	kind: EndingKind;
	/** 0 to 255. */
	status: number;
}

const signalNumbers: Readonly<Record<string, number>> = {
	SIGHUP: 1,
	SIGINT: 2,
	SIGPIPE: 13,
	SIGTERM: 15,
};

/** Somebody ran tests in the kernel, which is what they are there for: TAINT_TEST. */
const testWasRun = 1 << 18;

/** The bits that were set in /proc/sys/kernel/tainted during the command, if they tell of a fault. */
export function newTaint({ started, verdict }: Observed): number {
	return (verdict?.tainted ?? 0) & ~(started?.tainted ?? 0) & ~testWasRun;
}

function kindOf(observed: Observed): EndingKind {
	const { stop, qemu, started, verdict, complete, reports } = observed;
	if (verdict !== undefined && complete) {
		const clean = reports.length === 0 && !verdict.leaks && newTaint(observed) === 0;
		return clean ? 'command' : 'kernel report';
	}
	if (stop?.cause === 'interrupted') {
		return 'interrupted';
	}
	if (reports.some(({ kind }) => kind === 'panic')) {
		return started === undefined ? 'boot failed' : 'kernel panic';
	}
	if (stop !== undefined) {
		return stop.cause === 'boot limit' ? 'boot failed' : stop.cause;
	}
	if (qemu.exitCode !== 0) {
		return 'QEMU died';
	}
	return started === undefined ? 'boot failed' : 'result missing';
}

/** Tells the endings of a run apart. What is certain wins: a complete verdict, then a panic. */
export function classifyEnding(observed: Observed): Ending {
	const kind = kindOf(observed);
	if (kind === 'command' && observed.verdict !== undefined) {
		return { kind, status: commandStatus(observed.verdict) };
	}
	if (kind === 'command' || kind === 'interrupted') {
		const signal = observed.stop?.cause === 'interrupted' ? observed.stop.signal : '';
		return { kind, status: 128 + (signalNumbers[signal] ?? 0) };
	}
	return { kind, status: endingStatus[kind] };
}
