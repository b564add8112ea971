// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { ensureAppliedCommit } from './applied-commit.js';
import type { Reporter } from './reporter.js';
import { listSeries, seriesBelow, type Series } from './series.js';
import type { KernelSource } from './source.js';

/**
 * The series that one goes on top of, out of the folder that it is in itself, bottom first.
 * @throws UserError if one of them is not there
 */
export async function readSeriesBelow(series: Series): Promise<Series[]> {
	return series.after === undefined
		? []
		: seriesBelow(series, await listSeries(path.dirname(series.directory)));
}

/**
 * What a series' own patches apply to: the source, with the series below it applied, one commit a
 * patch.
 * @throws UserError if one of those is not there or does not apply
 */
export async function stackedSource(
	source: KernelSource,
	series: Series,
	report: Reporter,
): Promise<KernelSource> {
	const below = await readSeriesBelow(series);
	return { ...source, commit: await ensureAppliedCommit(source, below, report) };
}
