// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory, UserError, type Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import { limitsFor, runGuest, type GuestResult } from '@fastipc/qemu';
import path from 'node:path';
import process from 'node:process';
import type { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { guestEnvironment } from '../../vm/environment.js';
import { readLines, type LineReader } from '../read-lines.js';
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

const sayEverySeconds = 15;

/** The checkout's folder, which the guest needs even where it lies below /tmp. */
const checkout = fileURLToPath(new URL('../../../..', import.meta.url));

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

/** Tells now and then how many of the figures there are. */
function countFigures(name: string, total: number, report: Reporter): LineReader {
	let told = performance.now();
	return readLines((_line, count) => {
		if (performance.now() - told > sayEverySeconds * 1000) {
			told = performance.now();
			report.say(`${name}: ${count} of ${total} figures`);
		}
	});
}

function boot(
	options: PassOptions,
	stdout: PassThrough,
	stderr: PassThrough,
): Promise<GuestResult> {
	const { kernel, clock, report } = options;
	const icount = clock === 'instructions';
	const accelerator = icount ? 'tcg' : 'kvm';
	return runGuest({
		image: kernel.image,
		init: nativePath('guest-init'),
		command: benchCommand(options),
		cwd: checkout,
		env: guestEnvironment({
			node: process.execPath,
			terminalType: undefined,
			syscallNumbers: undefined,
			added: {},
		}),
		cpus: icount ? 1 : 2,
		memoryMiB: 1024,
		accelerator,
		icount,
		timeoutSeconds: secondsUnderKvm * limitsFor({ accelerator, icount, debugChecks: false }).factor,
		keepVisible: [checkout, cacheDirectory()],
		logDirectory: path.join(options.logDirectory, `${kernel.flavour}-${clock}`),
		stdout,
		stderr,
		interrupt: options.interrupt,
		report: (line) => {
			report.say(line);
		},
	});
}

/**
 * Boots a kernel and measures in it.
 * @throws UserError if the run ended in any other way than with all its figures
 */
export async function runPass(options: PassOptions): Promise<Pass> {
	const { kernel, clock, request, report } = options;
	const name = `${kernel.flavour} kernel, ${clock}`;
	const stdout = countFigures(name, expectedFigures(request).length, report);
	const stderr = readLines((line) => {
		report.say(`in the guest: ${line}`);
	});
	const result = await boot(options, stdout.stream, stderr.stream);
	const lines = await stdout.finish();
	const complaints = await stderr.finish();
	if (result.ending.kind !== 'command' || result.status !== 0) {
		const status = `copy-bench ended with status ${result.status}`;
		const ended = result.ending.kind === 'command' ? [status] : result.words;
		const how = [...ended, ...complaints];
		throw new UserError(`${name}: ${how.join('\n')}\nthe full log is ${result.consoleLog}`);
	}
	const figures = parseFigures(lines, request);
	report.say(`${name}: ${figures.length} figures (${result.seconds.toFixed(0)} s)`);
	return { kernel: kernel.flavour, clock, figures };
}
