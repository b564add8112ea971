// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Teardown } from './teardown.js';

/**
 * Makes an empty folder that only its owner may enter. At the end it is removed with all in it,
 * after what was started in it later has been ended.
 * @param prefix what its name begins with; it is below the system's folder for temporary files
 * @returns its path
 * @throws Error of mkdtemp(3) if it can't be made
 */
export async function makeTemporaryFolder(t: Teardown, prefix: string): Promise<string> {
	const folder = await mkdtemp(path.join(os.tmpdir(), prefix));
	t.teardown(() => rm(folder, { recursive: true }));
	return folder;
}
