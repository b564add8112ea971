// SPDX-License-Identifier: GPL-2.0-only
import { pageSize } from '../process/pattern.js';
import { alignmentBefore, type AlignmentSweep, type TestProcess } from '../process/test-process.js';
import type { Way } from './ways.js';

/**
 * Has a process copy out of or into another one at every alignment of both ends around a page
 * boundary, in memory that is mapped for it.
 * @param seed of the pattern that the target's memory has
 * @param wrong how far the calls are to be wrong, to prove that this is noticed; not where left out
 * @returns `same COUNT`, or what differed
 */
export async function sweepAlignments(
	way: Way,
	{ caller, target }: { caller: TestProcess; target: TestProcess },
	seed: number,
	wrong: Pick<AlignmentSweep, 'skew' | 'surplus'> = {},
): Promise<string> {
	const [remote, local] = [await target.map('anonymous', 3), await caller.map('anonymous', 3)];
	await target.fill(remote + BigInt(pageSize - alignmentBefore), 2 * pageSize, seed);
	return await caller.alignments(way, {
		pid: BigInt(target.id),
		remote: remote + BigInt(pageSize),
		local: local + BigInt(pageSize),
		seed,
		...wrong,
	});
}
