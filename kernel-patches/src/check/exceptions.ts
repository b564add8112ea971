// SPDX-License-Identifier: GPL-2.0-only
import { isMatch } from 'matcher';
import path from 'node:path';
import { z } from 'zod';
import { parseJson, readIfPresent } from '../files.js';
import type { Series } from '../series.js';
import type { Finding } from './finding.js';

/** Whether a text can be read as a regular expression. */
function isExpression(text: string): boolean {
	try {
		return new RegExp(text, 'u').source !== '';
	} catch {
		return false;
	}
}

const exceptionSchema = z.strictObject({
	/** The rule, such as `checkpatch/LONG_LINE`, or `warnings/sparse` where tools have one each. */
	rule: z.string().regex(/^[\w-]+\/[\w-]+$/, 'must be CHECKER/RULE'),
	/** The files of the tree in which it is accepted; `*` stands for anything. Default: all. */
	files: z.string().min(1).default('*'),
	/** A regular expression that is somewhere in what the finding says. Default: whatever it says. */
	message: z.string().min(1).refine(isExpression, 'must be a regular expression').exactOptional(),
	/** Why it is right as it is. */
	reason: z.string().min(20, 'must say why, in a sentence'),
});

const exceptionsSchema = z.array(exceptionSchema);

/** What is accepted, where and why. */
export type Exception = z.infer<typeof exceptionSchema>;

/** Where a series' exceptions are. */
export function exceptionsFile(series: Series): string {
	return path.join(series.directory, 'exceptions.json');
}

/** Checks the text of an exceptions.json. */
export function parseExceptions(text: string, file = 'exceptions.json'): Exception[] {
	return parseJson(text, exceptionsSchema, file);
}

/** Reads a series' exceptions; one that has no such file has none. */
export async function readExceptions(series: Series): Promise<Exception[]> {
	const text = await readIfPresent(exceptionsFile(series));
	return text === undefined ? [] : parseExceptions(text, exceptionsFile(series));
}

/** The first exception that a finding falls under. */
export function findException(
	exceptions: readonly Exception[],
	{ rule, file = '', message }: Finding,
): Exception | undefined {
	return exceptions.find(
		(each) =>
			each.rule === rule &&
			isMatch(file, each.files) &&
			(each.message === undefined || new RegExp(each.message, 'u').test(message)),
	);
}

/**
 * Exceptions that no finding falls under, as findings: what they excused was put right.
 * @param checkers those that ran; what the others would find isn't known
 */
export function findUnused(
	exceptions: readonly Exception[],
	findings: readonly Finding[],
	checkers: readonly string[],
): Finding[] {
	const used = new Set(findings.map((finding) => findException(exceptions, finding)));
	return exceptions
		.filter((each) => checkers.includes(each.rule.split('/')[0] ?? '') && !used.has(each))
		.map(({ rule, files, message }) => {
			const said = message === undefined ? '' : `, of what says ${message}`;
			return {
				rule: 'exceptions/unused',
				file: 'exceptions.json',
				message: `nothing falls under the exception from ${rule} in ${files}${said}: remove it`,
			};
		});
}
