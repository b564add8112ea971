// SPDX-License-Identifier: GPL-2.0-only
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cachePath } from '../cache.js';
import { withLock } from '../lock.js';
import { readPatch } from '../patch.js';
import { withPreparedSeries, type PreparedSeries } from '../prepared-series.js';
import { reportStage, type Reporter } from '../reporter.js';
import type { Series } from '../series.js';
import type { KernelSource } from '../source.js';
import { checkOut } from '../work-tree.js';
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
	report: Reporter,
): Promise<CheckedSeries> {
	return {
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
 * Runs checkers on a series that is checked out.
 * @param tell is given each result as it comes; the last one is of the exceptions themselves
 */
export async function runCheckers(
	checked: CheckedSeries,
	checkers: readonly Checker[],
	tell: (result: CheckResult) => void,
): Promise<void> {
	const exceptions = await readExceptions(checked.series);
	const all: Finding[] = [];
	for (const checker of checkers) {
		const start = performance.now();
		const findings = await checker.check(checked);
		all.push(...findings);
		const seconds = (performance.now() - start) / 1000;
		tell({ checker, seconds, ...sortFindings(exceptions, findings) });
	}
	const names = checkers.map(({ name }) => name);
	tell({
		checker: { name: 'exceptions', description: 'exceptions.json: each one is needed' },
		open: findUnused(exceptions, all, names),
		accepted: [],
		seconds: 0,
	});
}

/**
 * Checks what a program can check of what the lists expect of a series.
 * @param base the tree that it goes to, without any series
 * @param tell is given what each checker came to
 * @throws UserError if the series does not apply, or a checker could not run
 */
export async function checkSeries(
	base: KernelSource,
	series: Series,
	checkers: readonly Checker[],
	report: Reporter,
	tell: (result: CheckResult) => void,
): Promise<void> {
	const directory = cachePath('build', `check${base.suffix}`);
	const tree = path.join(directory, 'tree');
	const chosen = checkers.filter(({ projects }) => projects?.includes(series.project) ?? true);
	await withPreparedSeries(base, series, report, async (prepared) => {
		await mkdir(directory, { recursive: true });
		await withLock(`build/${path.basename(directory)}`, tree, report, async () => {
			await reportStage(
				report,
				() => `${tree} has ${series.name} checked out`,
				() => checkOut(base.repository, tree, prepared.tip, report),
			);
			await runCheckers(await readChecked(prepared, tree, report), chosen, tell);
		});
	});
}
