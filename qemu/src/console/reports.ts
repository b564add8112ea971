// SPDX-License-Identifier: GPL-2.0-only
import { kindOfMessage, stripPrefix, type ReportKind } from './report-kinds.js';

/** Something that the kernel reported about itself on the console. */
export interface KernelReport {
	kind: ReportKind;
	/** The line that names it, without time stamp. */
	title: string;
	/** All of it, from the line that opens it to the one that closes it, as printed. */
	text: string;
}

/** A report whose end doesn't come is cut here; a stack dump of all CPUs is about as long. */
const longestReport = 200;

/** A line of equals signs that names no report within so many lines belongs to something else. */
const longestUntitled = 10;

// What the kernel prints before the line that names the report.
const cutHere = /^-+\[ cut here \]-+$/;
const doubleLine = /^={10,}$/;

// What it prints as the last line.
const endTrace = /^---\[ end (?:trace|Kernel panic)/;
const endOfStack = ' </TASK>';

// What it prints when the machine goes; nothing of it belongs to a report.
const machineGoes = 'reboot: ';

interface OpenReport {
	opening: 'cut here' | 'double line' | 'none';
	kind: ReportKind | undefined;
	title: string;
	lines: string[];
}

function openingOf(message: string): 'cut here' | 'double line' | undefined {
	if (cutHere.test(message)) {
		return 'cut here';
	}
	return doubleLine.test(message) ? 'double line' : undefined;
}

function isEnd({ opening, kind, lines }: OpenReport, message: string): boolean {
	const longest = kind === undefined ? longestUntitled : longestReport;
	if (endTrace.test(message) || lines.length >= longest) {
		return true;
	}
	// KASAN closes with the line it opened with, and prints more after its first stack.
	if (opening === 'double line' && kind !== 'lockdep') {
		return kind !== undefined && doubleLine.test(message);
	}
	return opening !== 'cut here' && kind !== 'oops' && message.startsWith(endOfStack);
}

// "BUG: unable to handle …" is followed by "Oops: …", "kernel BUG at …" too: one report.
function continues(report: OpenReport, kind: ReportKind): boolean {
	return report.kind === kind && kind === 'oops';
}

function finish(report: OpenReport | undefined): KernelReport[] {
	return report?.kind === undefined
		? []
		: [{ kind: report.kind, title: report.title, text: report.lines.join('\n') }];
}

// Whether a line starts a report of its own, rather than being a part of the open one.
function startsAnother(report: OpenReport | undefined, message: string): boolean {
	const kind = kindOfMessage(message);
	if (report === undefined) {
		return kind !== undefined || openingOf(message) !== undefined;
	}
	if (kind !== undefined && report.kind !== undefined) {
		return !continues(report, kind);
	}
	const opening = openingOf(message);
	return opening === 'cut here' || (opening !== undefined && report.opening !== 'double line');
}

// A warning's own words stand before the line that names it, often without "cut here".
function open(line: string, message: string, before: string | undefined): OpenReport {
	const kind = kindOfMessage(message);
	return {
		opening: openingOf(message) ?? 'none',
		kind,
		title: kind === undefined ? '' : message,
		lines: kind === 'warning' && before !== undefined ? [before, line] : [line],
	};
}

function extend(report: OpenReport, line: string, message: string): void {
	report.lines.push(line);
	if (report.kind === undefined) {
		report.kind = kindOfMessage(message);
		report.title = report.kind === undefined ? '' : message;
	}
}

/**
 * Finds oopses, `BUG:`s, warnings, the checkers' reports, stalls, hung tasks and panics.
 * @param lines the console's, as `consoleLines()` gives them; the last may be incomplete
 */
export function findReports(lines: readonly string[]): KernelReport[] {
	const reports: KernelReport[] = [];
	let current: OpenReport | undefined;
	let before: string | undefined;
	for (const line of lines) {
		const message = stripPrefix(line);
		if (message.startsWith(machineGoes)) {
			break;
		}
		if (startsAnother(current, message)) {
			reports.push(...finish(current));
			current = open(line, message, before);
		} else if (current !== undefined) {
			extend(current, line, message);
			if (isEnd(current, message)) {
				reports.push(...finish(current));
				current = undefined;
			}
		}
		before = current === undefined ? line : undefined;
	}
	return [...reports, ...finish(current)];
}
