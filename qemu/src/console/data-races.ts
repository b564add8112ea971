// SPDX-License-Identifier: GPL-2.0-only
import type { KernelReport } from './reports.js';

// Where one of the two stacks begins: "write to 0xffff888003f4a6b8 of 1 bytes by task 91 on cpu 1:"
const stackBegins = / by (?:task \d+|interrupt) on cpu \d+:$/;

// Below it in a stack is what was interrupted, or had a page fault, and so has no part in it.
const entry = /\basm_\w+\+0x/;

/** The lines of the stacks of who takes part in a data race, without what they interrupted. */
function partakers(text: string): string[] {
	const found: string[] = [];
	let inside = false;
	for (const line of text.split('\n')) {
		inside = stackBegins.test(line) || (inside && !entry.test(line));
		if (inside) {
			found.push(line);
		}
	}
	return found;
}

/**
 * Leaves out data races (KCSAN) that none of some functions has a part in: Linux has others, and
 * who looks for new ones can't have each run fail for them.
 * @param functions how the names of these kernel functions begin
 */
export function withoutRacesOfOthers(
	reports: readonly KernelReport[],
	functions: readonly string[],
): KernelReport[] {
	// A line of a stack: dbus_direct_send+0x5c/0x1a0
	const frame = new RegExp(`\\b(?:${functions.join('|')})\\w*\\+0x`);
	const counts = (text: string): boolean =>
		functions.length > 0 && partakers(text).some((line) => frame.test(line));
	return reports.filter(({ kind, text }) => kind !== 'KCSAN' || counts(text));
}
