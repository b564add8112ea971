// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from '../copy/format.js';
import type { CallRow } from './calls.js';

const widths = [8, 11, 11, 9];

function formatLine(cells: readonly string[]): string {
	return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('');
}

/** What calls cost on AF_UNIX and on AF_DBUS, for a mail. */
export function coverTable(rows: readonly CallRow[]): string[] {
	return [
		formatLine(['', 'AF_UNIX', 'AF_DBUS', 'ratio']),
		...rows.map(({ bytes, unix, dbus, ratio }) =>
			formatLine([formatBytes(bytes), formatCount(unix), formatCount(dbus), ratio.toFixed(3)]),
		),
	];
}
