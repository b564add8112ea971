// SPDX-License-Identifier: GPL-2.0-only
import { UserError, type Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import { execa } from 'execa';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readLines } from '../bench/read-lines.js';
import { writeSeeds } from './seeds.js';
import { parseStatistics, type FuzzStatistics } from './statistics.js';
import type { FuzzTarget } from './targets.js';

/** How long a target is run. */
export interface FuzzLimits {
	/** Wall-clock time. */
	seconds: number;
	/** It ends earlier when there were so many. */
	executions?: number | undefined;
}

/** What came of one target. */
export interface FuzzResult extends FuzzStatistics {
	target: FuzzTarget;
	seconds: number;
}

const sayEverySeconds = 15;

/** Messages are seldom longer, and what is wrong in a longer one is wrong in a short one. */
const longestInput = 4096;

function libFuzzerOptions({ seconds, executions }: FuzzLimits, directory: string): string[] {
	return [
		`-max_total_time=${seconds}`,
		...(executions === undefined ? [] : [`-runs=${executions}`]),
		`-max_len=${longestInput}`,
		`-artifact_prefix=${directory}/`,
		'-timeout=10',
		'-print_final_stats=1',
		'-print_pcs=0',
		path.join(directory, 'corpus'),
		path.join(directory, 'seeds'),
	];
}

/** Tells now and then how many executions there were. */
function countExecutions(target: FuzzTarget, report: Reporter) {
	let told = performance.now();
	return readLines((line) => {
		const executions = /^#(\d+)\s/.exec(line)?.[1];
		if (executions !== undefined && performance.now() - told > sayEverySeconds * 1000) {
			told = performance.now();
			report.say(`${target}: ${executions} executions`);
		}
	});
}

/**
 * Runs one target until it has run long enough or has found something.
 * @param directory of this target; what it learned stays there for the next run
 * @throws UserError if it was interrupted
 */
export async function runTarget(
	target: FuzzTarget,
	limits: FuzzLimits,
	directory: string,
	report: Reporter,
	interrupt: AbortSignal,
): Promise<FuzzResult> {
	await mkdir(path.join(directory, 'corpus'), { recursive: true });
	await writeSeeds(path.join(directory, 'seeds'));
	const begun = performance.now();
	const output = countExecutions(target, report);
	const program = execa(nativePath(`fuzz-${target}`), libFuzzerOptions(limits, directory), {
		stdin: 'ignore',
		stdout: 'ignore',
		stderr: 'pipe',
		buffer: false,
		reject: false,
		cancelSignal: interrupt,
		env: { ASAN_OPTIONS: 'allocator_may_return_null=1' },
	});
	program.stderr.pipe(output.stream);
	const { failed, isCanceled } = await program;
	const lines = await output.finish();
	if (isCanceled) {
		throw new UserError(`${target}: interrupted`);
	}
	const statistics = parseStatistics(lines);
	if (failed && statistics.finding === undefined) {
		throw new Error(`${target} failed without a finding:\n${lines.slice(-20).join('\n')}`);
	}
	return { target, seconds: (performance.now() - begun) / 1000, ...statistics };
}
