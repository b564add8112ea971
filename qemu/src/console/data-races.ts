// SPDX-License-Identifier: GPL-2.0-only
import type { KernelReport } from './reports.js';

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
	const takesPart = (text: string): boolean => functions.length > 0 && frame.test(text);
	return reports.filter(({ kind, text }) => kind !== 'KCSAN' || takesPart(text));
}
