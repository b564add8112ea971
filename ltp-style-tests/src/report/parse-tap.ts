// SPDX-License-Identifier: GPL-2.0-only
import { Parser, type Result } from 'tap-parser';
import { dump } from './dump-diagnostics.js';
import { crashedTest, type TestResult } from './results.js';
import { splitSkipReason } from './skip-reason.js';

/** What tap-parser says while it reads; logs are the comments that follow a test. */
interface TapRecord {
	results: { result: Result; logs: string[] }[];
	strangers: string[];
}

/** How AVA separates the file's name from the title. */
const suiteSeparator = ' › ';

/** What AVA says in place of a title where a test file's process ended before its tests. */
const crashLine = / exited (due to|with a non-zero exit code: )|^No tests found in /;

/** Words of the kernel's own, which stand in the output where it shares the console. */
const panicLine = /Kernel panic - not syncing.*/;

/**
 * The tests that TAP tells of, as AVA prints it, with a crashed one for everything that is
 * wrong with the output itself: no plan (it was cut off), fewer tests than planned, a
 * bail-out, a kernel panic amid it, or no test at all.
 * @param text all of the output
 */
export function parseTap(text: string): TestResult[] {
	const record: TapRecord = { results: [], strangers: [] };
	const parser = readTap(text, record);
	const tests = record.results.map(({ result, logs }) => testResult(result, logs));
	return [...tests, ...describeProblems(parser, record, tests)];
}

function readTap(text: string, record: TapRecord): Parser {
	const parser = new Parser();
	parser.on('assert', (result: Result) => record.results.push({ result, logs: [] }));
	parser.on('comment', (comment: string) => {
		record.results.at(-1)?.logs.push(comment.replace(/^# {0,3}/, '').trimEnd());
	});
	parser.on('extra', (line: string) => record.strangers.push(line.trimEnd()));
	parser.end(text);
	return parser;
}

function testResult(result: Result, logs: readonly string[]): TestResult {
	const { suite, title } = splitSuite(result.name);
	const split = splitSkipReason(title);
	const diagnostics = [...logs, ...dump(result.diag)].join('\n');
	if (result.skip !== false) {
		const said = typeof result.skip === 'string' && result.skip !== '' ? result.skip : undefined;
		const reason = split.reason ?? said ?? 'no reason given';
		return { suite, title: split.title, status: 'skipped', reason, diagnostics };
	}
	if (result.todo !== false) {
		return { suite, title, status: 'failed', reason: 'only declared, not written', diagnostics };
	}
	if (result.ok) {
		return { suite, title, status: 'passed', reason: undefined, diagnostics };
	}
	return crashLine.test(result.name)
		? { suite, title, status: 'crashed', reason: title, diagnostics }
		: { suite, title, status: 'failed', reason: failureReason(result.diag), diagnostics };
}

function splitSuite(name: string): { suite: string; title: string } {
	const position = name.indexOf(suiteSeparator);
	return position < 0
		? { suite: '', title: name }
		: { suite: name.slice(0, position), title: name.slice(position + suiteSeparator.length) };
}

function failureReason(diagnostics: unknown): string {
	const given =
		typeof diagnostics === 'object' && diagnostics !== null && 'message' in diagnostics
			? diagnostics.message
			: undefined;
	const [line] = typeof given === 'string' ? given.split('\n') : [];
	return line === undefined || line === '' ? 'an assertion failed' : line;
}

/** What the output lacks or has too much of, one crashed test for each. */
function describeProblems(parser: Parser, record: TapRecord, tests: TestResult[]): TestResult[] {
	const problems: TestResult[] = [];
	const planned = parser.planEnd < 0 || parser.syntheticPlan ? undefined : parser.planEnd;
	const panic = record.strangers.find((line) => panicLine.test(line));
	if (panic !== undefined) {
		problems.push(crashedTest('the kernel panicked while the tests ran', panic));
	}
	if (typeof parser.bailedOut === 'string' || parser.bailedOut) {
		problems.push(crashedTest(`the tests bailed out: ${String(parser.bailedOut)}`));
	} else if (planned === undefined) {
		const last = tests.at(-1)?.title;
		const after = last === undefined ? 'no test reported' : `the last test to report was: ${last}`;
		problems.push(crashedTest('the output ends before its plan', after));
	} else if (tests.length < planned) {
		problems.push(crashedTest(`${tests.length} of ${planned} planned tests reported`));
	}
	if (tests.length === 0 && problems.length === 0) {
		problems.push(
			crashedTest('no test ran', 'no file had a test, or the time limit was over before the first'),
		);
	}
	return problems;
}
