// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import path from 'node:path';
import { runProgram } from '../run-program.js';
import { expectedFigures, parseFigures, type FigureRequest } from './figures.js';
import type { BenchKernel } from './find-kernel.js';
import type { Pass } from './rows.js';

/** One boot of one kernel. */
export interface PassOptions {
	kernel: BenchKernel;
	/** `time` needs KVM: under TCG a nanosecond says nothing. */
	clock: Pass['clock'];
	request: FigureRequest;
	/** Folder for the logs of all passes. */
	logDirectory: string;
	report: Reporter;
	interrupt?: AbortSignal | undefined;
}

/** Counts don't scatter, times do: of so many rounds the median is taken. */
const rounds = { instructions: 5, time: 51 } as const;

/** How long a pass may take under KVM; other guests get a multiple of it. */
const secondsUnderKvm = 300;

/** copy-bench and its arguments. */
export function benchCommand({ kernel, clock, request }: PassOptions): string[] {
	return [
		nativePath('copy-bench'),
		...['--subjects', request.subjects.join(',')],
		...['--sizes', request.sizes.join(',')],
		...['--memory', request.memories.join(',')],
		...['--rounds', `${rounds[clock]}`],
		...kernel.numbers.flatMap(([call, number]) => ['--number', `${call}=${number}`]),
	];
}

/**
 * Boots a kernel and measures in it.
 * @throws UserError if the run ended in any other way than with all its figures
 */
export async function runPass(options: PassOptions): Promise<Pass> {
	const { kernel, clock, request, report, interrupt } = options;
	const icount = clock === 'instructions';
	const lines = await runProgram({
		name: `${kernel.flavour} kernel, ${clock}`,
		image: kernel.image,
		command: benchCommand(options),
		cpus: icount ? 1 : 2,
		accelerator: icount ? 'tcg' : 'kvm',
		icount,
		secondsUnderKvm,
		expectedLines: expectedFigures(request).length,
		logDirectory: path.join(options.logDirectory, `${kernel.flavour}-${clock}`),
		report,
		interrupt,
	});
	return { kernel: kernel.flavour, clock, figures: parseFigures(lines, request) };
}
