// SPDX-License-Identifier: GPL-2.0-only
import { countTotals, type StageReport, type TestResult, type Totals } from './results.js';

/** The line by which continuous integration counts; it closes the output of `npm test`. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A stage in words: its counts, its notes, each failure with its diagnostics, skips by reason, the log's file. */
export function stageSummary(stage: StageReport): string {
	const bad = stage.tests.filter(({ status }) => status === 'failed' || status === 'crashed');
	const lines = [
		`${stage.name}: ${totalsLine(countTotals([stage]))} in ${stage.seconds.toFixed(1)} s`,
		...(stage.notes ?? []).map((note) => `  ${note}`),
		...skipLines(stage.tests),
		...bad.flatMap(failureLines),
	];
	if (bad.length > 0) {
		lines.push(`  full log: ${stage.log}`);
	}
	return lines.join('\n');
}

function skipLines(tests: readonly TestResult[]): string[] {
	const counts = new Map<string, number>();
	for (const { status, reason = 'no reason given' } of tests) {
		if (status === 'skipped') {
			counts.set(reason, (counts.get(reason) ?? 0) + 1);
		}
	}
	return [...counts].map(([reason, count]) => `  skipped ${count}: ${reason}`);
}

function failureLines(test: TestResult): string[] {
	const name = test.suite === '' ? test.title : `${test.suite} › ${test.title}`;
	const said = test.diagnostics === '' ? [] : test.diagnostics.split('\n');
	return [
		`  ${test.status.toUpperCase()} ${name}`,
		...(test.reason === undefined || test.reason === test.title ? [] : [`    ${test.reason}`]),
		...said.map((line) => `    ${line}`),
	];
}
