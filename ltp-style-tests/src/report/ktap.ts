// SPDX-License-Identifier: GPL-2.0-only
import type { StageReport, TestResult } from './results.js';

/**
 * The stages as KTAP (Documentation/dev-tools/ktap.rst): each a test that holds its own
 * tests. What failed has its diagnostics in front of its line, as KTAP wants it.
 */
export function toKtap(stages: readonly StageReport[]): string {
	const lines = ['KTAP version 1', `1..${stages.length}`];
	for (const [index, stage] of stages.entries()) {
		lines.push(...stageLines(stage).map((line) => `  ${line}`));
		lines.push(`${isGood(stage) ? 'ok' : 'not ok'} ${index + 1} ${name(stage.name)}`);
	}
	return `${lines.join('\n')}\n`;
}

function isGood({ tests }: StageReport): boolean {
	return (
		tests.length > 0 && tests.every(({ status }) => status === 'passed' || status === 'skipped')
	);
}

function stageLines({ tests }: StageReport): string[] {
	return ['KTAP version 1', `1..${tests.length}`, ...tests.flatMap(testLines)];
}

function testLines(test: TestResult, index: number): string[] {
	const full = test.suite === '' ? test.title : `${test.suite}: ${test.title}`;
	const line = `${index + 1} ${name(full)}`;
	switch (test.status) {
		case 'passed':
			return [`ok ${line}`];
		case 'skipped':
			return [`ok ${line} # SKIP ${test.reason ?? ''}`.trimEnd()];
		case 'failed':
		case 'crashed': {
			const said = [`${test.status}: ${test.reason ?? ''}`, ...test.diagnostics.split('\n')];
			return [...said.filter(Boolean).map((text) => `# ${text}`), `not ok ${line}`];
		}
	}
}

/** A `#` in a name would begin a directive. */
function name(text: string): string {
	return text.replaceAll('#', 'no.');
}
