// SPDX-License-Identifier: GPL-2.0-only
import {
	checkSeries,
	formatFinding,
	listSeries,
	findSeries,
	longCheckers,
	quickCheckers,
	UserError,
	type CheckResult,
	type Reporter,
	type Series,
} from '@fastipc/kernel-patches';
import Table from 'cli-table3';

/** What the command line says. */
export interface CheckOptions {
	all?: boolean;
	tree?: string;
}

/** A line for each finding that is open, with what excuses the others. */
export function describeResult({ open, accepted }: CheckResult): string[] {
	const reasons = new Map(accepted.map(({ exception }) => [exception, 0]));
	for (const { exception } of accepted) {
		reasons.set(exception, (reasons.get(exception) ?? 0) + 1);
	}
	return [
		...open.map(formatFinding),
		...[...reasons].map(
			([{ rule, files, reason }, count]) => `accepted: ${count} × ${rule} in ${files}: ${reason}`,
		),
	];
}

/** What each checker came to, as a table. */
export function summarizeResults(results: readonly CheckResult[]): string {
	const table = new Table({
		head: ['check', 'looks at', 'open', 'accepted', 'seconds'],
		style: { head: [], border: [] },
		colAligns: ['left', 'left', 'right', 'right', 'right'],
	});
	for (const { checker, open, accepted, seconds } of results) {
		table.push([
			checker.name,
			checker.description,
			open.length,
			accepted.length,
			seconds.toFixed(1),
		]);
	}
	return table.toString();
}

/** Checks one series; returns how many findings are open. */
async function checkOne(
	series: Series,
	{ all, tree }: CheckOptions,
	report: Reporter,
	print: (line: string) => void,
): Promise<number> {
	const results: CheckResult[] = [];
	const checkers = all === true ? [...quickCheckers, ...longCheckers] : quickCheckers;
	await checkSeries(series, checkers, { tree, report }, (result) => {
		results.push(result);
		describeResult(result).forEach(print);
	});
	print(`${series.name}:`);
	print(summarizeResults(results));
	return results.reduce((sum, { open }) => sum + open.length, 0);
}

/**
 * Checks series.
 * @param names which; none for all
 * @throws UserError if a finding is open
 */
export async function runCheck(
	names: readonly string[],
	options: CheckOptions,
	report: Reporter,
	print: (line: string) => void,
): Promise<void> {
	const chosen =
		names.length === 0
			? await listSeries()
			: await Promise.all(names.map((name) => findSeries(name)));
	let open = 0;
	for (const series of chosen) {
		open += await checkOne(series, options, report, print);
	}
	if (open > 0) {
		throw new UserError(
			`${open} findings are open (above): put them right, or say in exceptions.json beside the patches why they are right as they are`,
		);
	}
}
