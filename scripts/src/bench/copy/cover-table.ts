// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from './format.js';
import { findRow } from './limits.js';
import type { CopyRow } from './rows.js';
import { memoryKinds, peers, patched, type MemoryKind } from './subjects.js';

/** Few enough for a mail: where the limits are, and where the curve bends. */
const coverSizes = [1, 64, 512, 4096, 65536, 2 * 1024 * 1024];

/** The unpatched peer, then what is held against it. */
const groups = [
	[peers[0], 'copy_from_process', patched(peers[0])],
	[peers[1], 'copy_to_process', patched(peers[1])],
] as const;

const headings = ['', '', 'readv', 'copy_from', 'new readv', 'writev', 'copy_to', 'new writev'];

/** The longest line fits into a mail's 75 characters, indented by two. */
const widths = [9, 8, 8, 10, 10, 9, 8, 11];

/** Name, size, and for each direction a count and two ratios. */
function formatLine(cells: readonly string[]): string {
	return widths
		.map((width, index) => {
			const cell = cells[index] ?? '';
			return index === 0 ? cell.padEnd(width) : cell.padStart(width);
		})
		.join('')
		.trimEnd();
}

function cellsOf(rows: readonly CopyRow[], memory: MemoryKind, bytes: number): string[] {
	const count = (subject: string): number => {
		const row = findRow(rows, subject, memory, bytes);
		if (row === undefined) {
			throw new Error(
				`the figures have no ${subject} of ${bytes} bytes of ${memory} memory: measure without --quick`,
			);
		}
		return row.instructions;
	};
	const figures = groups.flatMap(([peer, ...others]) => [
		formatCount(count(peer)),
		...others.map((subject) => (count(subject) / count(peer)).toFixed(2)),
	]);
	return [memory, formatBytes(bytes), ...figures];
}

/**
 * The table of a cover letter: instructions of the unpatched peers, and what the new calls and the
 * patched peers are of them.
 * @throws Error if a figure is missing
 */
export function coverTable(rows: readonly CopyRow[]): string[] {
	const body = memoryKinds.flatMap((memory) =>
		(memory === 'pages' ? [64] : coverSizes).map((bytes) =>
			formatLine(cellsOf(rows, memory, bytes)),
		),
	);
	return [formatLine(headings), ...body];
}
