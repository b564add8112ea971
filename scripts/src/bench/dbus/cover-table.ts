// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from '../copy/format.js';
import { sizes } from './plan.js';
import { findRow, type DbusRow } from './rows.js';
import type { Subject } from './subjects.js';

/** What AF_DBUS is held against, and what a narrow column is headed. */
const baselines = [
	['socketpair-addressed', 'addressed'],
	['dbus-broker', 'dbus-broker'],
	['dbus-daemon', 'dbus-daemon'],
] as const;

/** The longest line fits into a mail's 75 characters, indented by two. */
const widths = [7, 11, 11, 6, 13, 6, 13, 6];

function formatLine(cells: readonly string[]): string {
	return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('');
}

function countOf(rows: readonly DbusRow[], subject: Subject, bytes: number): number {
	const row = findRow(rows, subject, 'sd-bus', 'call', bytes);
	if (row === undefined) {
		throw new Error(
			`the figures have no call of ${bytes} B with sd-bus on ${subject}: measure everything`,
		);
	}
	return row.instructions;
}

/**
 * What calls cost with sd-bus on both ends on AF_DBUS, and what that is of the other ways, for a
 * mail.
 * @throws Error if a figure is missing
 */
export function coverTable(rows: readonly DbusRow[]): string[] {
	const body = sizes.map((bytes) => {
		const direct = countOf(rows, 'AF_DBUS', bytes);
		const cells = baselines.flatMap(([subject]) => {
			const count = countOf(rows, subject, bytes);
			return [formatCount(count), (direct / count).toFixed(2)];
		});
		return formatLine([formatBytes(bytes), formatCount(direct), ...cells]);
	});
	const headings = baselines.flatMap(([, heading]) => [heading, 'ratio']);
	return [formatLine(['', 'AF_DBUS', ...headings]), ...body];
}
