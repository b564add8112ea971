// SPDX-License-Identifier: GPL-2.0-only
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Reporter } from './reporter.js';

/** How many finished results of a kind are kept in the cache. */
const kept = 4;

/**
 * Deletes what begins with a prefix in a folder of the cache but for the few used last, and says so.
 * @param kind what they are, for the message, such as `kernel`
 */
export async function keepNewest(
	folder: string,
	prefix: string,
	kind: string,
	report: Reporter,
): Promise<void> {
	const names = (await readdir(folder)).filter(
		(name) => name.startsWith(prefix) && !name.endsWith('.part'),
	);
	const used = await Promise.all(
		names.map(async (name) => {
			const directory = path.join(folder, name);
			return { directory, time: (await stat(directory)).mtimeMs };
		}),
	);
	const old = used.toSorted((a, b) => b.time - a.time).slice(kept);
	for (const { directory } of old) {
		report.say(`deleting ${directory}: of each ${kind} the ${kept} used last are kept`);
		await rm(directory, { recursive: true });
	}
}
