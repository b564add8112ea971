// SPDX-License-Identifier: GPL-2.0-only
/*
 * AVA's TAP says that a test was skipped, but not why. So the reason travels at the end
 * of the title, and is taken off again where the TAP is read.
 */

const opening = ' ⟨skipped: ';
const closing = '⟩';

/** The title under which a test is given to AVA to skip. */
export function titleWithSkipReason(title: string, reason: string): string {
	return `${title}${opening}${reason}${closing}`;
}

/** The title and reason that {@link titleWithSkipReason} put together; no reason if there is none. */
export function splitSkipReason(title: string): { title: string; reason: string | undefined } {
	const start = title.lastIndexOf(opening);
	if (start < 0 || !title.endsWith(closing)) {
		return { title, reason: undefined };
	}
	return {
		title: title.slice(0, start),
		reason: title.slice(start + opening.length, -closing.length),
	};
}
