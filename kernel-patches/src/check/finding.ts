// SPDX-License-Identifier: GPL-2.0-only

/** Something about a series that the lists would object to. */
export interface Finding {
	/** The checker and its rule, such as `checkpatch/LONG_LINE`. */
	rule: string;
	/** Name of the patch file; left out where it is about the series as a whole. */
	patch?: string | undefined;
	/** In the patch file, or, where there is none, in `file`. Counted from 1. */
	line?: number | undefined;
	/** The file of the tree that it is about. */
	file?: string | undefined;
	message: string;
}

/** A finding in a line, as compilers write theirs. */
export function formatFinding({ rule, patch, line, file, message }: Finding): string {
	const place = patch ?? file;
	const position = place === undefined ? '' : `${place}:${line === undefined ? '' : `${line}:`} `;
	const about = patch === undefined || file === undefined ? '' : ` (${file})`;
	return `${position}${rule}: ${message}${about}`;
}
