// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from './user-error.js';

/**
 * Parses Linux's syscall_64.tbl (number, ABI, name, entry point).
 * @returns the numbers by name, of the calls that 64-bit programs have (ABI `common` or `64`)
 * @throws UserError that names a line that is not of the table's form
 */
export function parseSystemCallTable(text: string): Record<string, number> {
	const entries = text.split('\n').flatMap((raw, index): [string, number][] => {
		const line = raw.replace(/#.*/, '').trim();
		if (line === '') {
			return [];
		}
		const match = /^(\d+)\s+(common|64|x32)\s+(\w+)(?:\s+\S+)*$/.exec(line);
		if (match?.[1] === undefined || match[3] === undefined) {
			throw new UserError(`system call table, line ${index + 1}: got ${JSON.stringify(line)}`);
		}
		return match[2] === 'x32' ? [] : [[match[3], Number(match[1])]];
	});
	if (entries.length === 0) {
		throw new UserError('the system call table has no entries');
	}
	return Object.fromEntries(entries);
}
