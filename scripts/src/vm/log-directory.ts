// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** The logs of so many runs are kept. */
const kept = 20;

/**
 * Makes a folder for the logs of this run, named so that later ones sort behind, and removes the
 * oldest of former runs.
 * @param parent holds nothing but such folders
 */
export async function makeLogDirectory(parent: string, now: Date = new Date()): Promise<string> {
	const time = now.toISOString().replaceAll(/[:.]/g, '-');
	const directory = path.join(parent, `${time}-${process.pid}`);
	await mkdir(directory, { recursive: true });
	const all = (await readdir(parent)).sort();
	for (const old of all.slice(0, Math.max(0, all.length - kept))) {
		await rm(path.join(parent, old), { recursive: true, force: true });
	}
	return directory;
}
