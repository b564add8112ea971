// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const plainCover = 'From: Ada <ada@example.org>\nSubject: [PATCH 0/0] x\n\nThe case for it.\n';

/**
 * Stores a series for Linux that has no patches yet.
 * @param folder its own, which is made
 * @param description what its series.json says: the title, and what else isn't as usual here
 * @param cover the text of its cover letter
 */
export async function storeEmptySeries(
	folder: string,
	description: Readonly<Record<string, unknown>> & { title: string },
	cover = plainCover,
): Promise<void> {
	await mkdir(folder);
	const usual = { project: 'linux', prefix: 'PATCH', lists: [], options: [], selftests: [] };
	await writeFile(path.join(folder, 'series.json'), JSON.stringify({ ...usual, ...description }));
	await writeFile(path.join(folder, '0000-cover-letter.patch'), cover);
}
