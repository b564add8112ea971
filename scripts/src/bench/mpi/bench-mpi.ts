// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory } from '@fastipc/kernel-patches';
import { buildMpi, buildNative } from '@fastipc/native';
import { chooseAccelerator, type Accelerator } from '@fastipc/qemu';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLogDirectory } from '../../vm/log-directory.js';
import { findMpiKernel } from './find-kernel.js';
import type { MpiBenchOptions } from './options.js';
import { fullPlan, quickPlan } from './plan.js';
import { makeRows, type MpiRow } from './rows.js';
import { runPlan } from './run-plan.js';
import { describeUse, requireUse } from './usage.js';

/** What was measured, and what shows that the new calls were used. */
export interface MpiBenchResult {
	rows: MpiRow[];
	/** A sentence with the counts. */
	use: string;
	accelerator: Accelerator;
}

/** What the measurement needs of the machine. Tests give their own. */
export interface MpiBenchSources {
	build: () => Promise<void>;
	findKernel: typeof findMpiKernel;
	chooseAccelerator: typeof chooseAccelerator;
	runPlan: typeof runPlan;
	makeLogDirectory: () => Promise<string>;
}

const realSources: MpiBenchSources = {
	build: async () => {
		await buildNative();
		await buildMpi();
	},
	findKernel: findMpiKernel,
	chooseAccelerator,
	runPlan,
	makeLogDirectory: () =>
		makeLogDirectory(fileURLToPath(new URL('../../../../results/bench', import.meta.url))),
};

/**
 * Has Debian's Open MPI send messages in a guest: through shared memory, by process_vm_* and by
 * copy_*_process, which it is given by a preloaded library. Wall-clock time.
 * @param sources for tests
 * @throws UserError for everything that a person can put right; Error if a figure is missing, or if
 *   large messages weren't copied by the calls that they were to be copied by
 */
export async function benchMpi(
	options: MpiBenchOptions,
	sources: MpiBenchSources = realSources,
): Promise<MpiBenchResult> {
	const { report, interrupt, quick = false } = options;
	await sources.build();
	const kernel = await sources.findKernel(options);
	const accelerator = await sources.chooseAccelerator({
		image: kernel.image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: (line) => {
			report.say(line);
		},
	});
	const plan = quick ? quickPlan() : fullPlan();
	const outputs = await sources.runPlan({
		plan,
		kernel,
		accelerator,
		debugChecks: options.kernel === 'debug',
		logDirectory: await sources.makeLogDirectory(),
		report,
		interrupt,
	});
	const rows = makeRows(plan, outputs);
	outputs.forEach(requireUse);
	return { rows, use: describeUse(outputs), accelerator };
}
