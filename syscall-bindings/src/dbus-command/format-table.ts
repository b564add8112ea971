// SPDX-License-Identifier: GPL-2.0-only

/** A column of a table. */
export interface Column {
	title: string;
	/** Aligned at its right, as numbers are. */
	right?: true;
}

/** Lines with columns two spaces apart, indented by two, without blanks at their ends. */
export function formatTable(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
): string {
	const lines = [columns.map(({ title }) => title), ...rows];
	const widths = columns.map((_, index) =>
		Math.max(...lines.map((cells) => (cells[index] ?? '').length)),
	);
	return lines
		.map((cells) => {
			const padded = columns.map(({ right }, index) => {
				const [cell, width] = [cells[index] ?? '', widths[index] ?? 0];
				return right ? cell.padStart(width) : cell.padEnd(width);
			});
			return `  ${padded.join('  ')}`.trimEnd() + '\n';
		})
		.join('');
}
