// SPDX-License-Identifier: GPL-2.0-only
import { create } from 'xmlbuilder2';
import type { StageReport, TestResult, TestStatus } from './results.js';

type Element = ReturnType<typeof create>;

/** The stages as JUnit XML: a crash is an error, not a failure, and a skip says why. */
export function toJunit(stages: readonly StageReport[]): string {
	const all = stages.flatMap(({ tests }) => tests);
	const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', counts(all));
	for (const stage of stages) {
		const suite = root.ele('testsuite', {
			name: stage.name,
			...counts(stage.tests),
			time: stage.seconds.toFixed(3),
		});
		for (const test of stage.tests) {
			addTest(suite, stage.name, test);
		}
	}
	return `${root.end({ prettyPrint: true, indent: '\t' })}\n`;
}

function counts(tests: readonly TestResult[]): Record<string, number> {
	const count = (status: TestStatus) => tests.filter((test) => test.status === status).length;
	return {
		tests: tests.length,
		failures: count('failed'),
		errors: count('crashed'),
		skipped: count('skipped'),
	};
}

function addTest(suite: Element, stage: string, test: TestResult): void {
	const classname = test.suite === '' ? stage : `${stage}.${test.suite}`;
	const element = suite.ele('testcase', { classname, name: printable(test.title) });
	const message = printable(test.reason ?? '');
	switch (test.status) {
		case 'passed':
			break;
		case 'skipped':
			element.ele('skipped', { message });
			break;
		case 'failed':
			element.ele('failure', { message }).txt(printable(test.diagnostics));
			break;
		case 'crashed':
			element.ele('error', { message }).txt(printable(test.diagnostics));
			break;
	}
}

/** XML 1.0 has no way to write control characters, and console output is full of them. */
function printable(text: string): string {
	// eslint-disable-next-line no-control-regex -- these are what is looked for
	return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
