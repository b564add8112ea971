// SPDX-License-Identifier: GPL-2.0-only
import type { KernelOptions } from '../kernel.js';
import { readPatch } from '../patch.js';
import { withPreparedSeries, type PreparedSeries } from '../prepared-series.js';
import type { Series } from '../series.js';
import { ensureProjectBase } from '../project-base.js';
import { checkedTree, lendTree } from './lent-tree.js';
import type { CheckedSeries, Checker } from './checker.js';
import { findException, findUnused, readExceptions, type Exception } from './exceptions.js';
import type { Finding } from './finding.js';

/** A finding that is accepted, and why. */
export interface AcceptedFinding extends Finding {
	exception: Exception;
}

/** What one checker came to. */
export interface CheckResult {
	checker: Pick<Checker, 'name' | 'description'>;
	open: readonly Finding[];
	accepted: readonly AcceptedFinding[];
	/** In seconds. */
	seconds: number;
}

/** Reads the patches of a series that is applied. */
async function readChecked(
	{ series, source, tip }: PreparedSeries,
	tree: string,
	{ tree: usersTree, report }: KernelOptions,
): Promise<CheckedSeries> {
	return {
		usersTree,
		series,
		source,
		tip,
		tree,
		report,
		patches: await Promise.all(series.patches.map(readPatch)),
		cover: series.cover === undefined ? undefined : await readPatch(series.cover),
	};
}

/** Tells findings that are excepted from those that are not. */
function sortFindings(
	exceptions: readonly Exception[],
	findings: readonly Finding[],
): Pick<CheckResult, 'open' | 'accepted'> {
	const judged = findings.map((finding) => ({
		finding,
		exception: findException(exceptions, finding),
	}));
	return {
		open: judged.filter(({ exception }) => exception === undefined).map(({ finding }) => finding),
		accepted: judged.flatMap(({ finding, exception }) =>
			exception === undefined ? [] : [{ ...finding, exception }],
		),
	};
}

/**
 * Runs checkers on a series.
 * @param tell is given each result as it comes
 * @returns everything that was found
 */
export async function runCheckers(
	checked: CheckedSeries,
	checkers: readonly Checker[],
	tell: (result: CheckResult) => void,
): Promise<Finding[]> {
	const exceptions = await readExceptions(checked.series);
	const all: Finding[] = [];
	for (const checker of checkers) {
		const start = performance.now();
		const findings = await checker.check(checked);
		all.push(...findings);
		const seconds = (performance.now() - start) / 1000;
		tell({ checker, seconds, ...sortFindings(exceptions, findings) });
	}
	return all;
}

/** What became of the exceptions. */
export async function judgeExceptions(
	series: Series,
	findings: readonly Finding[],
	checkers: readonly Checker[],
): Promise<CheckResult> {
	const names = checkers.map(({ name }) => name);
	return {
		checker: { name: 'exceptions', description: 'exceptions.json: each one is needed' },
		open: findUnused(await readExceptions(series), findings, names),
		accepted: [],
		seconds: 0,
	};
}

/**
 * Checks what a program can check of what the lists expect of a series.
 * @param options.tree a Linux git tree of the user's that it goes to, instead of the pinned base
 * @param tell is given what each checker came to; the last result is of the exceptions themselves
 * @throws UserError if the series does not apply, or a checker could not run
 */
export async function checkSeries(
	series: Series,
	checkers: readonly Checker[],
	options: KernelOptions,
	tell: (result: CheckResult) => void,
): Promise<void> {
	const { report } = options;
	const base = await ensureProjectBase(series, options);
	const chosen = checkers.filter(({ projects }) => projects?.includes(series.project) ?? true);
	await withPreparedSeries(base, series, report, async (prepared) => {
		const tree = checkedTree(base, series);
		const checked = await readChecked(prepared, tree, options);
		const quick = chosen.filter(({ isLong }) => isLong !== true);
		const long = chosen.filter(({ isLong }) => isLong === true);
		const found = await lendTree(prepared, base, report, () => runCheckers(checked, quick, tell));
		// Nobody shall have to wait for hours for the tree.
		const foundLater = await runCheckers(checked, long, tell);
		tell(await judgeExceptions(series, [...found, ...foundLater], chosen));
	});
}
