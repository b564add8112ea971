// SPDX-License-Identifier: GPL-2.0-only
import { crashedTest, type TestResult } from './results.js';

/** A test that holds others prints those first, indented, and then its own line. */
interface Level {
	indent: number;
	planned: number | undefined;
	reported: number;
	/** What stands in front of the next result. */
	diagnostics: string[];
	/** The results of the level below, until the line comes that they belong to. */
	below: TestResult[];
	results: TestResult[];
}

/** A line's words without its indentation. */
interface Line {
	indent: number;
	text: string;
}

const versionLine = /^K?TAP version \d+$/;
const planLine = /^1\.\.(\d+)(?:\s+#\s*(.*))?$/;
const resultLine = /^(not )?ok \d+(?: -)?(?: (.*))?$/;
/** What KUnit says of a test's parameters below them, instead of a plan above them. */
const kunitTotal = /^# \S+: pass:\d+ fail:\d+ skip:\d+ total:(\d+)$/;
const bailOutLine = /^Bail out!\s*(.*)$/;
const directive = /^(.*?)\s*# ?(?:(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b ?)?(.*)$/;

/** What the harness of kselftests says around each test, which tells nothing. */
const frameLine = /^ *(RUN|OK|FAIL|PASSED|FAILED) /;

/**
 * The tests that KTAP tells of (Documentation/dev-tools/ktap.rst), as kselftests print it: with
 * nested tests, the plan in front, and what a test says in front of its line. A test that holds
 * others counts by them, and by itself only where it failed and none of them did. Like
 * `parseTap()`, it gives a crashed test for everything that is wrong with the output itself.
 * @param text all of the output
 */
export function parseKtap(text: string): TestResult[] {
	const levels: Level[] = [newLevel(0)];
	for (const raw of text.split('\n')) {
		readLine(levels, { indent: raw.search(/\S|$/), text: raw.trim() });
	}
	const root = closeDownTo(levels, 0);
	return [...root.results, ...root.below, ...describeProblems(root)];
}

function newLevel(indent: number): Level {
	return { indent, planned: undefined, reported: 0, diagnostics: [], below: [], results: [] };
}

function readLine(levels: Level[], { indent, text }: Line): void {
	const [, planned] = planLine.exec(text) ?? [];
	const [result, not, name = ''] = resultLine.exec(text) ?? [];
	const [bailOut, reason = ''] = bailOutLine.exec(text) ?? [];
	const [, total] = kunitTotal.exec(text) ?? [];
	if (versionLine.test(text)) {
		closeDownTo(levels, indent);
		if (indent > innermost(levels).indent) {
			levels.push(newLevel(indent));
		}
	} else if (planned !== undefined) {
		const level = closeDownTo(levels, indent);
		level.planned = Number(planned);
		level.diagnostics.push(text);
	} else if (result !== undefined) {
		addResult(closeDownTo(levels, indent), not === undefined, name);
	} else if (bailOut !== undefined) {
		innermost(levels).results.push(crashedTest(`the tests bailed out: ${reason}`));
	} else if (total !== undefined && innermost(levels).indent > indent) {
		innermost(levels).planned ??= Number(total);
	} else if (text !== '') {
		innermost(levels).diagnostics.push(text.replace(/^# ?/, ''));
	}
}

function innermost(levels: readonly Level[]): Level {
	const level = levels.at(-1);
	if (level === undefined) {
		throw new Error('the outermost level of KTAP was closed');
	}
	return level;
}

/** Ends the levels that are indented further; what they had waits for the line it belongs to. */
function closeDownTo(levels: Level[], indent: number): Level {
	let level = innermost(levels);
	while (level.indent > indent && levels.length > 1) {
		levels.pop();
		const outer = innermost(levels);
		outer.below.push(...level.results, ...level.below, ...describeProblems(level));
		outer.diagnostics.push(...level.diagnostics);
		level = outer;
	}
	return level;
}

function addResult(level: Level, ok: boolean, words: string): void {
	const { below, diagnostics } = level;
	const own = describeResult(ok, words, diagnostics);
	level.below = [];
	level.diagnostics = [];
	level.reported++;
	level.results.push(
		...below.map((test) => {
			const suite = test.suite === '' ? own.title : `${own.title} › ${test.suite}`;
			return { ...test, suite };
		}),
	);
	const unexplained = !ok && !below.some(({ status }) => isBad(status));
	if (below.length === 0 || unexplained) {
		level.results.push(own);
	}
}

function isBad(status: TestResult['status']): boolean {
	return status === 'failed' || status === 'crashed';
}

function describeResult(ok: boolean, words: string, said: readonly string[]): TestResult {
	const [, name = words, kind, rest = ''] = directive.exec(words) ?? [];
	const reason = rest === '' ? undefined : rest;
	const result = { suite: '', title: name, diagnostics: said.join('\n') };
	if (ok && (kind === 'SKIP' || kind === 'XFAIL')) {
		return { ...result, status: 'skipped', reason: reason ?? 'no reason given' };
	}
	if (ok && kind === undefined) {
		return { ...result, status: 'passed', reason: undefined };
	}
	const told = said.find((line) => !frameLine.test(line) && !planLine.test(line));
	return { ...result, status: 'failed', reason: reason ?? told ?? 'it does not say why' };
}

/** What a level lacks or has too much of. */
function describeProblems({ planned, reported, diagnostics }: Level): TestResult[] {
	const last = diagnostics.join('\n');
	if (planned === undefined) {
		return [crashedTest('the output ends before its plan', last)];
	}
	return reported === planned
		? []
		: [crashedTest(`${reported} of ${planned} planned tests reported`, last)];
}
