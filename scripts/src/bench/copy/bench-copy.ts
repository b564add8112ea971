// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory } from '@fastipc/kernel-patches';
import { buildNative } from '@fastipc/native';
import { chooseAccelerator } from '@fastipc/qemu';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLogDirectory } from '../../vm/log-directory.js';
import { findBenchKernel } from './find-kernel.js';
import { judge, type Judgement } from './limits.js';
import type { CopyBenchOptions } from './options.js';
import { requestFor } from './plan.js';
import { joinPasses, type CopyRow, type Pass } from './rows.js';
import { runPass } from './run-pass.js';

/** What was measured, and what it is worth. */
export interface CopyBenchResult {
	rows: CopyRow[];
	/** One for each limit at each size that was measured. */
	judgements: Judgement[];
}

/** What the measurement needs of the machine. Tests give their own. */
export interface CopyBenchSources {
	buildNative: () => Promise<void>;
	findKernel: typeof findBenchKernel;
	chooseAccelerator: typeof chooseAccelerator;
	runPass: typeof runPass;
	makeLogDirectory: () => Promise<string>;
}

const realSources: CopyBenchSources = {
	buildNative,
	findKernel: findBenchKernel,
	chooseAccelerator,
	runPass,
	makeLogDirectory: () =>
		makeLogDirectory(fileURLToPath(new URL('../../../../results/bench', import.meta.url))),
};

/**
 * Measures what it costs to copy out of another process and into it, in guests: the old ways on the
 * unpatched kernel, the new calls and what the series makes of the old ones on the patched kernel.
 * Instructions are counted, and where KVM works the time is measured as well, in boots of its own.
 * @param sources for tests
 * @throws UserError for everything that a person can put right; Error if a figure is missing or the
 *   boots can't be compared
 */
export async function benchCopy(
	options: CopyBenchOptions,
	sources: CopyBenchSources = realSources,
): Promise<CopyBenchResult> {
	const { report, interrupt, quick = false } = options;
	await sources.buildNative();
	const kernels = [
		await sources.findKernel('base', options),
		await sources.findKernel('release', options),
	] as const;
	const accelerator = await sources.chooseAccelerator({
		image: kernels[1].image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: (line) => {
			report.say(line);
		},
	});
	const logDirectory = await sources.makeLogDirectory();
	const clocks =
		accelerator === 'kvm' ? (['instructions', 'time'] as const) : ['instructions' as const];
	const passes: Pass[] = [];
	for (const clock of clocks) {
		for (const kernel of kernels) {
			const request = requestFor(kernel.flavour, quick);
			passes.push(
				await sources.runPass({ kernel, clock, request, logDirectory, report, interrupt }),
			);
		}
	}
	const rows = joinPasses(passes);
	return { rows, judgements: judge(rows) };
}
