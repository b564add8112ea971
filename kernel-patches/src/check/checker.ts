// SPDX-License-Identifier: GPL-2.0-only
import type { Patch } from '../patch.js';
import type { Reporter } from '../reporter.js';
import type { Series } from '../series.js';
import type { KernelSource } from '../source.js';
import type { Finding } from './finding.js';

/** What the checkers look at. */
export interface CheckedSeries {
	series: Series;
	patches: readonly Patch[];
	cover: Patch | undefined;
	/** What the patches go on top of. */
	source: KernelSource;
	/** The commit with all patches applied. */
	tip: string;
	/** The tree of the user's that it goes to, instead of the pinned base. */
	usersTree: string | undefined;
	/** A working tree that has the tip checked out. */
	tree: string;
	report: Reporter;
}

/** One thing that is looked after. */
export interface Checker {
	/** The first part of its rules' names. */
	name: string;
	/** What it looks for, in a line. */
	description: string;
	/** Those of which it can say something. Default: all. */
	projects?: readonly Series['project'][];
	/** Whether it takes long, and works in folders of its own instead of the tree that is lent. */
	isLong?: boolean;
	check: (checked: CheckedSeries) => Promise<Finding[]> | Finding[];
}

/** The files that the patches add, each with the patch that does. */
export function addedFiles(
	patches: readonly Patch[],
): { path: string; patch: string; line: number }[] {
	return patches.flatMap((patch) =>
		patch.files
			.filter((file) => file.isNew)
			.map((file) => ({ path: file.path, patch: patch.name, line: file.line })),
	);
}

/** All lines that the patches add to files that a test picks. */
export function addedLines(
	patches: readonly Patch[],
	pick: (path: string) => boolean,
): { patch: string; file: string; line: number; text: string }[] {
	return patches.flatMap((patch) =>
		patch.files
			.filter((file) => pick(file.path))
			.flatMap((file) =>
				file.added.map(({ line, text }) => ({ patch: patch.name, file: file.path, line, text })),
			),
	);
}
