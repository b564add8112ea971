// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { ensureAppliedCommit } from './applied-commit.js';
import { formatSeries } from './format-series.js';
import type { Reporter } from './reporter.js';
import { coverName, type Series } from './series.js';
import type { KernelSource } from './source.js';
import { readSeriesBelow, stackedSource } from './stacked-source.js';
import { withTemporaryFolder } from './temporary-folder.js';

/** A series on a tree, as commits and as mails. */
export interface PreparedSeries {
	/** On the pinned base as it is stored; elsewhere its files are as they are for that tree. */
	series: Series;
	/** What the series goes on top of. */
	source: KernelSource;
	/** The commit with all of its patches applied. */
	tip: string;
}

/** Writes the mails as they are for another tree, where numbers and contexts may differ. */
async function formatFor(prepared: PreparedSeries, folder: string): Promise<Series> {
	const { series, source, tip } = prepared;
	const range = { base: source.commit, tip };
	const names = await formatSeries(source.repository, series, range, folder);
	return {
		...series,
		patches: names.filter((name) => name !== coverName).map((name) => path.join(folder, name)),
		cover: names.includes(coverName) ? path.join(folder, coverName) : undefined,
	};
}

/**
 * Applies a series, and hands it over for as long as `work` takes.
 * @param base the pinned base, or a tree of the user's
 * @throws UserError if a patch does not apply
 */
export async function withPreparedSeries<Result>(
	base: KernelSource,
	series: Series,
	report: Reporter,
	work: (prepared: PreparedSeries) => Promise<Result>,
): Promise<Result> {
	const source = await stackedSource(base, series, report);
	const all = [...(await readSeriesBelow(series)), series];
	const prepared = { series, source, tip: await ensureAppliedCommit(base, all, report) };
	if (base.suffix === '') {
		return await work(prepared);
	}
	return await withTemporaryFolder('series', async (folder) => {
		return await work({ ...prepared, series: await formatFor(prepared, folder) });
	});
}
