// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { writeWhole } from './write-whole.js';

/**
 * Writes what was measured as JSON, and says where.
 * @param file what `--json` names; nothing is written where that is left out
 * @throws a system error, after which nothing half-written is left
 */
export async function writeFigures(
	file: string | undefined,
	rows: readonly unknown[],
	report: Reporter,
): Promise<void> {
	if (file !== undefined) {
		await writeWhole(file, `${JSON.stringify(rows, undefined, '\t')}\n`);
		report.say(`figures: ${file}`);
	}
}
