// SPDX-License-Identifier: GPL-2.0-only
import { ensureKernel, type Reporter } from '@fastipc/kernel-patches';
import { buildNative, nativePath } from '@fastipc/native';
import { fileURLToPath } from 'node:url';
import { makeLogDirectory } from '../../vm/log-directory.js';
import { runProgram } from '../run-program.js';
import { callRows, parseCall, sizes, type CallRow } from './calls.js';

/** What to measure. */
export interface CallsBenchOptions {
	/** How many calls of each size. */
	count: number;
	/** A bzImage to take instead of the one that would be built. */
	image?: string | undefined;
	report: Reporter;
	interrupt: AbortSignal;
}

/** How long it may take under KVM; other guests get a multiple of it. */
const secondsUnderKvm = 120;

/**
 * Counts the instructions of method calls through dbus-daemon on AF_UNIX and on AF_DBUS, in one boot,
 * without direct delivery.
 * @throws UserError for everything that a person can put right
 */
export async function benchCalls(options: CallsBenchOptions): Promise<CallRow[]> {
	const { count, report, interrupt } = options;
	await buildNative();
	const lines = await runProgram({
		name: 'calls through dbus-daemon',
		image: options.image ?? (await ensureKernel('release', { report })).image,
		command: [
			nativePath('bus-calls'),
			nativePath('libdbus-preload.so'),
			...[count, ...sizes].map(String),
		],
		cpus: 1,
		accelerator: 'tcg',
		icount: true,
		secondsUnderKvm,
		expectedLines: 2 * sizes.length,
		logDirectory: await makeLogDirectory(
			fileURLToPath(new URL('../../../../results/bench', import.meta.url)),
		),
		report,
		interrupt,
	});
	return callRows(lines.map(parseCall));
}
