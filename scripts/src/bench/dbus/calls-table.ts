// SPDX-License-Identifier: GPL-2.0-only
import Table from 'cli-table3';
import { formatBytes, formatCount } from '../copy/format.js';
import type { CallRow } from './calls.js';

/** The figures as text for a terminal. */
export function callsTable(rows: readonly CallRow[]): string {
	const table = new Table({
		head: ['bytes', 'AF_UNIX', 'AF_DBUS', '÷ AF_UNIX'],
		colAligns: ['right', 'right', 'right', 'right'],
		style: { head: [], border: [], compact: true },
	});
	for (const { bytes, unix, dbus, ratio, atMost, kept } of rows) {
		const limit = ` ≤ ${atMost.toFixed(2)} ${kept ? '✓' : '✗'}`;
		const counts = [formatCount(unix), formatCount(dbus)];
		table.push([formatBytes(bytes), ...counts, `${ratio.toFixed(3)}${limit}`]);
	}
	return [
		'Instructions of a method call through dbus-daemon, with its reply: kernel, daemon and both ends.',
		table.toString(),
	].join('\n');
}
