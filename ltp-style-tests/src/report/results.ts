// SPDX-License-Identifier: GPL-2.0-only

/** How a test ended. Crashed: it, or what ran it, ended without saying pass or fail. */
export type TestStatus = 'passed' | 'failed' | 'skipped' | 'crashed';

/** One test's result. */
export interface TestResult {
	/** The test file's name as AVA prefixes it; empty where there was only one. */
	suite: string;
	title: string;
	status: TestStatus;
	/** Why it was skipped, or what is wrong, in one line. */
	reason: string | undefined;
	/** What the test said about its failure, and what it logged; may be several lines. */
	diagnostics: string;
}

/** What one run of tests gave: the host's unit tests, or the tests on one kernel. */
export interface StageReport {
	/** Such as `host` or `release`. */
	name: string;
	tests: readonly TestResult[];
	/** Wall time in seconds. */
	seconds: number;
	/** The file with all that it printed. */
	log: string;
	/** What is worth telling even where all is good, in lines. */
	notes?: readonly string[];
}

/** Counts of a run; crashed tests are among the failed ones. */
export interface Totals {
	passed: number;
	failed: number;
	skipped: number;
}

/** Adds the stages up. */
export function countTotals(stages: readonly StageReport[]): Totals {
	const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	for (const { status } of stages.flatMap((stage) => stage.tests)) {
		totals[status === 'crashed' ? 'failed' : status]++;
	}
	return totals;
}

/** A result for something that went wrong outside of any test, so that it counts as one. */
export function crashedTest(title: string, diagnostics = ''): TestResult {
	return { suite: '', title, status: 'crashed', reason: title, diagnostics };
}
