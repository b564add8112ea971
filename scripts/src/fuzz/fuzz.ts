// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { buildDbusFuzzers } from '@fastipc/native';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTarget, type FuzzLimits, type FuzzResult } from './run-target.js';
import { takeMessageSources } from './sources.js';
import type { FuzzTarget } from './targets.js';

/** What to fuzz, and for how long each. */
export interface FuzzOptions extends FuzzLimits {
	targets: readonly FuzzTarget[];
	report: Reporter;
	interrupt: AbortSignal;
}

const results = fileURLToPath(new URL('../../../results/fuzz', import.meta.url));

/**
 * Fuzzes the kernel's reader of D-Bus messages, in user space: one target after the other, the
 * next one even if one had a finding.
 * @throws Error with the compiler's messages if the targets don't compile
 */
export async function fuzz({
	targets,
	report,
	interrupt,
	...limits
}: FuzzOptions): Promise<FuzzResult[]> {
	await buildDbusFuzzers(await takeMessageSources());
	const all: FuzzResult[] = [];
	for (const target of targets) {
		report.say(`fuzzing ${target} for ${limits.seconds} s`);
		all.push(await runTarget(target, limits, path.join(results, target), report, interrupt));
	}
	return all;
}
