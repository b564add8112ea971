// SPDX-License-Identifier: GPL-2.0-only
import {
	checkSeries,
	formatFinding,
	listSeries,
	quickCheckers,
	type CheckResult,
	type Reporter,
} from '@fastipc/kernel-patches';
import type { StageReport } from '@fastipc/ltp-style-tests';
import { isMatch } from 'matcher';
import { runStage, type TestRun } from './stage.js';

/** A check's result as TAP. */
export function formatCheck(series: string, { checker, open }: CheckResult): string {
	const title = `${series} › ${checker.name}: ${checker.description}`;
	const details = open.map((finding) => `# ${formatFinding(finding).replaceAll('\n', '\n# ')}\n`);
	return `${open.length === 0 ? 'ok' : 'not ok'} - ${title.replaceAll('#', String.raw`\#`)}\n${details.join('')}`;
}

/** What the lists expect of each series, as far as it takes minutes: a test for each check. */
export function runSeriesChecks(report: Reporter, run: TestRun): Promise<StageReport> {
	return runStage(run, 'series', async ({ stdout }) => {
		let count = 0;
		let failed = 0;
		for (const series of await listSeries()) {
			const checkers = quickCheckers.filter(({ name, description }) => {
				const title = `${series.name} › ${name}: ${description}`;
				return run.match === undefined || isMatch(title, run.match);
			});
			if (checkers.length > 0 && !run.interrupt.aborted) {
				await checkSeries(series, checkers, { report }, (result) => {
					count += 1;
					failed += result.open.length > 0 ? 1 : 0;
					stdout.write(formatCheck(series.name, result));
				});
			}
		}
		stdout.write(`1..${count}\n`);
		const stopped = run.interrupt.aborted
			? [{ title: 'the checks were interrupted', details: '' }]
			: [];
		return { status: failed > 0 ? 1 : 0, problems: stopped };
	});
}
