// SPDX-License-Identifier: GPL-2.0-only
import { withPreparedSeries } from './prepared-series.js';
import type { Reporter } from './reporter.js';
import { treeDiff } from './revision-range.js';
import type { Series } from './series.js';
import type { KernelSource } from './source.js';
import { applyRevision } from './stored-revision.js';

/**
 * What changed in the code since a revision of the repository that the series is stored in, as a
 * diff of the kernel's tree instead of one of patches.
 * @param base the pinned base
 * @param revision such as `HEAD~3` or `sent/af-dbus/v1`
 * @returns the diff; empty if the code is the same
 * @throws UserError if there is no such revision, or it has no such series
 */
export async function diffSeries(
	base: KernelSource,
	series: Series,
	revision: string,
	report: Reporter,
): Promise<string> {
	const before = await applyRevision(series, revision, report);
	return await withPreparedSeries(base, series, report, (after) => treeDiff(before, after));
}
