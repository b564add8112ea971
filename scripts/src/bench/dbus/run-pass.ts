// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import path from 'node:path';
import { runProgram } from '../run-program.js';
import { expectedFigures, parseFigures } from './figures.js';
import { measurementWord, type Measurement } from './plan.js';
import type { Pass } from './rows.js';

/** One boot. */
export interface PassOptions {
	/** Path of the bzImage. */
	image: string;
	/** `time` needs KVM: under TCG a nanosecond says nothing. */
	clock: Pass['clock'];
	plan: readonly Measurement[];
	/** The folder that dbus-broker's package is unpacked in, if it isn't installed. */
	unpacked: string | undefined;
	/** Folder for the logs of all passes. */
	logDirectory: string;
	report: Reporter;
	interrupt?: AbortSignal | undefined;
}

/** How long a pass may take under KVM; other guests get a multiple of it. */
const secondsUnderKvm = 600;

/** Of the guest: ten thousand connections are a GiB of daemon and kernel. */
const memoryMiB = 4096;

/**
 * Has the guest see an unpacked package's files where they belong, and reads dbus-broker's programs:
 * while they come from the host the clock leaps, and its launcher would give up waiting.
 */
const withUnpacked = [
	'set -e',
	'if [ -n "$1" ]; then mount -t overlay -o "ro,lowerdir=$1/usr:/usr" programs /usr; fi',
	'shift',
	'if command -v dbus-broker-launch >/dev/null; then',
	'dbus-broker --version >/dev/null; dbus-broker-launch --version >/dev/null',
	'fi',
	'exec "$@"',
].join('\n');

/** bus-bench and its arguments, by a shell. */
export function benchCommand({ plan, unpacked }: Pick<PassOptions, 'plan' | 'unpacked'>): string[] {
	return [
		...['sh', '-c', withUnpacked, 'sh', unpacked ?? ''],
		...['bus-bench', 'bus-client', 'libdbus-preload.so'].map(nativePath),
		...plan.map(measurementWord),
	];
}

/**
 * Boots a kernel and measures in it.
 * @throws UserError if the run ended in any other way than with all its figures
 */
export async function runPass(options: PassOptions): Promise<Pass> {
	const { image, clock, plan, report, interrupt } = options;
	const icount = clock === 'instructions';
	const lines = await runProgram({
		name: `messages of D-Bus, ${clock}`,
		image,
		command: benchCommand(options),
		cpus: icount ? 1 : 2,
		accelerator: icount ? 'tcg' : 'kvm',
		icount,
		memoryMiB,
		secondsUnderKvm,
		// The first line says what the kernel can do.
		expectedLines: expectedFigures(plan).length + 1,
		logDirectory: path.join(options.logDirectory, clock),
		report,
		interrupt,
	});
	return { clock, found: parseFigures(lines, plan) };
}
