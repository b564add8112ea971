// SPDX-License-Identifier: GPL-2.0-only
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cachePath } from '../cache.js';
import { withLock } from '../lock.js';
import type { PreparedSeries } from '../prepared-series.js';
import { reportStage, type Reporter } from '../reporter.js';
import type { Series } from '../series.js';
import type { KernelSource } from '../source.js';
import { checkOut } from '../work-tree.js';

/** The working tree in which the kernel's own scripts look at series, one at a time. */
export function checkedTree(base: KernelSource, { project }: Series): string {
	const name = project === 'linux' ? 'check' : `check-${project}`;
	return path.join(cachePath('build', `${name}${base.suffix}`), 'tree');
}

/**
 * Lends that tree, with a series checked out.
 * @param base what the series goes to, without any series
 */
export async function lendTree<Result>(
	{ series, tip }: PreparedSeries,
	base: KernelSource,
	report: Reporter,
	work: (tree: string) => Promise<Result>,
): Promise<Result> {
	const tree = checkedTree(base, series);
	const directory = path.dirname(tree);
	await mkdir(directory, { recursive: true });
	return await withLock(`build/${path.basename(directory)}`, tree, report, async () => {
		await reportStage(
			report,
			() => `${tree} has ${series.name} checked out`,
			() => checkOut(base.repository, tree, tip, report),
		);
		return await work(tree);
	});
}
