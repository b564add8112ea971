// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { CheckedSeries } from '../../src/check/checker.js';
import { formatSeries } from '../../src/format-series.js';
import { git } from '../../src/git.js';
import { readPatch } from '../../src/patch.js';
import { readSeries } from '../../src/series.js';
import { createRecorder } from './recorder.js';
import { storeEmptySeries } from './stored-series.js';
import { makeTemporaryFolder } from './temporary.js';
import { commitAll, makeTinyLinux, writeIn } from './tiny-linux.js';

/** A patch to be made: its message, and the files with their texts. */
export interface PatchToMake {
	message: string;
	files: Record<string, string>;
}

/**
 * A series in a small tree, as the checkers get it.
 * @param base files of the tree, besides those of the tiny Linux
 * @param description what series.json says otherwise
 */
export async function makeCheckedSeries(
	t: ExecutionContext,
	base: Record<string, string>,
	patches: readonly PatchToMake[],
	description: Record<string, unknown> = {},
): Promise<CheckedSeries> {
	const tree = await makeTinyLinux(t);
	const commit = async (message: string, files: Record<string, string>): Promise<string> => {
		for (const [name, text] of Object.entries(files)) {
			await writeIn(tree, name, text);
		}
		await commitAll(tree, message, ['--allow-empty']);
		return (await git(tree, ['rev-parse', 'HEAD'])).trim();
	};
	let tip = await commit('base', base);
	const source = { repository: tree, commit: tip, version: '7.3.4', suffix: '' };
	for (const { message, files } of patches) {
		tip = await commit(message, files);
	}
	const folder = path.join(await makeTemporaryFolder(t), 'tiny');
	await storeEmptySeries(folder, { title: 'mm: a tiny series', ...description });
	const exported = await makeTemporaryFolder(t);
	await formatSeries(tree, await readSeries(folder), { base: source.commit, tip }, exported);
	await cp(exported, folder, { recursive: true });
	const series = await readSeries(folder);
	return {
		series,
		source,
		tip,
		tree,
		usersTree: undefined,
		report: createRecorder(),
		patches: await Promise.all(series.patches.map(readPatch)),
		cover: series.cover === undefined ? undefined : await readPatch(series.cover),
	};
}
