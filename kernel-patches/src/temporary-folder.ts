// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * Lends an empty folder that only its owner may enter. It is removed with all in it once the work
 * is over, also where that throws.
 * @param purpose one word of the folder's name, which tells whoever finds it what it was for
 * @param work gets the folder's path
 * @returns what the work returns
 * @throws what the work throws; Error of mkdtemp(3) if the folder can't be made
 */
export async function withTemporaryFolder<Result>(
	purpose: string,
	work: (folder: string) => Promise<Result>,
): Promise<Result> {
	const folder = await mkdtemp(path.join(os.tmpdir(), `fastipc-${purpose}-`));
	try {
		return await work(folder);
	} finally {
		await rm(folder, { recursive: true });
	}
}
