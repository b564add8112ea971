// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory, type Reporter } from '@fastipc/kernel-patches';
import { buildNative, nativePath } from '@fastipc/native';
import { chooseAccelerator } from '@fastipc/qemu';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLogDirectory } from '../../vm/log-directory.js';
import { findBenchKernel } from '../copy/find-kernel.js';
import { runProgram } from '../run-program.js';
import { callersRows, expectedRates, parseRate, type CallersRow } from './rates.js';

/** What to measure. */
export interface CallersBenchOptions {
	/** Of one call. */
	bytes: number;
	/** The median of so many is taken. */
	rounds: number;
	report: Reporter;
	interrupt: AbortSignal;
}

/** How long it may take under KVM; other guests get a multiple of it. */
const secondsUnderKvm = 120;

/**
 * Measures by the clock whether two callers of one target get in each other's way, in a guest of
 * two processors that runs the patched kernel.
 * @throws UserError for everything that a person can put right
 */
export async function benchCallers(options: CallersBenchOptions): Promise<CallersRow[]> {
	const { bytes, rounds, report, interrupt } = options;
	await buildNative();
	const kernel = await findBenchKernel('release', { report });
	const accelerator = await chooseAccelerator({
		image: kernel.image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: (line) => {
			report.say(line);
		},
	});
	const lines = await runProgram({
		name: 'two callers',
		image: kernel.image,
		command: [
			nativePath('copy-callers'),
			...['--bytes', `${bytes}`, '--rounds', `${rounds}`],
			...kernel.numbers.flatMap(([call, number]) => ['--number', `${call}=${number}`]),
		],
		cpus: 2,
		accelerator,
		icount: false,
		secondsUnderKvm,
		expectedLines: expectedRates(rounds),
		logDirectory: await makeLogDirectory(
			fileURLToPath(new URL('../../../../results/bench', import.meta.url)),
		),
		report,
		interrupt,
	});
	return callersRows(lines.map(parseRate));
}
