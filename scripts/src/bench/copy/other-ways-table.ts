// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from './format.js';
import { findRow } from './limits.js';
import type { CopyRow } from './rows.js';

/** A message of one page, and one of many. */
const sizes = [4096, 2 * 1024 * 1024] as const;

/** A line: what it is called, and the figures that it is the sum of. */
type Way = readonly [name: string, subjects: readonly string[]];

/**
 * Ways that do the same work; the first of each group is what the others are multiples of. Those
 * that hand messages over, which costs more than a small copy, are beside a call with a hand-over.
 */
const groups: readonly (readonly [baseline: Way, ...others: Way[]])[] = [
	[
		['copy_from_process()', ['copy_from_process']],
		['pread() of /proc/PID/mem', ['proc_mem_read']],
		['the same with open(), close()', ['proc_mem_read_open']],
	],
	[
		['copy_to_process()', ['copy_to_process']],
		['pwrite() of /proc/PID/mem', ['proc_mem_write']],
		['the same with open(), close()', ['proc_mem_write_open']],
	],
	[
		['copy_from_process(), hand-over', ['copy_from_process', 'handshake']],
		['hand-over of nothing', ['handshake']],
		['shared memory', ['shared_memory']],
		['vmsplice() and read()', ['vmsplice']],
		['pipe', ['pipe']],
		['AF_UNIX stream', ['unix_stream']],
	],
];

/** The longest line fits into a mail's 75 characters, indented by two. */
const widths = [31, 10, 7, 13, 7];

function formatLine([name = '', ...cells]: readonly string[]): string {
	const [first = 0, ...others] = widths;
	return (
		name.padEnd(first) + cells.map((cell, index) => cell.padStart(others[index] ?? 0)).join('')
	);
}

function countOf(rows: readonly CopyRow[], subjects: readonly string[], bytes: number): number {
	return subjects
		.map((subject) => {
			const size = subject === 'handshake' ? 0 : bytes;
			const row = findRow(rows, subject, 'small', size);
			if (row === undefined) {
				throw new Error(`the figures have no ${subject} of ${size} bytes of small memory`);
			}
			return row.instructions;
		})
		.reduce((sum, count) => sum + count, 0);
}

/**
 * What a message of small pages costs by the ways that the series doesn't touch, beside the new
 * calls, for a mail.
 * @throws Error if a figure is missing
 */
export function otherWaysTable(rows: readonly CopyRow[]): string[] {
	const body = groups.flatMap(([baseline, ...others]) =>
		[baseline, ...others].map(([name, subjects]) => {
			const cells = sizes.flatMap((bytes) => {
				const count = countOf(rows, subjects, bytes);
				return [formatCount(count), (count / countOf(rows, baseline[1], bytes)).toFixed(2)];
			});
			return formatLine([name, ...cells]);
		}),
	);
	return [formatLine(['', ...sizes.flatMap((bytes) => [formatBytes(bytes), 'ratio'])]), ...body];
}
