// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from '../user-error.js';

/** An entry of one of Linux's tables of system calls. */
export interface TableEntry {
	number: number;
	abi: string;
	name: string;
	/** Counted from 1. */
	line: number;
}

/** Where the numbers that (almost) all architectures share are. */
export const genericTable = 'scripts/syscall.tbl';

/** The entries of a table. */
export function callsInTable(text: string): TableEntry[] {
	return text.split('\n').flatMap((each, index) => {
		const [, number, abi, name] = /^(\d+)\s+(\S+)\s+(\w+)/.exec(each) ?? [];
		return number === undefined || abi === undefined || name === undefined
			? []
			: [{ number: Number(number), abi, name, line: index + 1 }];
	});
}

/** The calls that one table has and an earlier state of it had not. */
export function newCalls(
	before: readonly TableEntry[],
	after: readonly TableEntry[],
): TableEntry[] {
	const known = new Set(before.map(({ name }) => name));
	return after.filter(({ name }) => !known.has(name));
}

/**
 * What has to be added to a number of the generic table for one of another table: 0 nearly
 * everywhere, 110 on alpha.
 * @throws UserError if the tables have no call in common
 */
export function tableOffset(
	table: readonly TableEntry[],
	generic: readonly TableEntry[],
	file: string,
): number {
	for (const call of generic.toReversed()) {
		const same = table.findLast(({ name }) => name === call.name);
		if (same !== undefined) {
			return same.number - call.number;
		}
	}
	throw new UserError(`${file} has no system call in common with ${genericTable}`);
}

/**
 * Puts lines into a table, each below the last one with a lower number: special ranges, such as
 * x32's from 512, stay where they are.
 * @param lines entries with the numbers that they had elsewhere
 * @param shift what is added to those
 */
export function insertCalls(text: string, lines: readonly string[], shift: number): string {
	let result = text;
	for (const line of lines) {
		const number = Number(/^\d+/.exec(line)?.[0]) + shift;
		const above = callsInTable(result)
			.filter((entry) => entry.number < number)
			.reduce((last, entry) => Math.max(last, entry.line), 0);
		const all = result.split('\n');
		all.splice(above, 0, line.replace(/^\d+/, String(number)));
		result = all.join('\n');
	}
	return result;
}
