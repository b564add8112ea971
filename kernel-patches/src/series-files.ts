// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readIfPresent } from './files.js';
import { reproducibleGitEnvironment } from './git.js';
import { run } from './run.js';
import type { Series } from './series.js';
import { readSeriesBelow } from './stacked-source.js';
import { withTemporaryFolder } from './temporary-folder.js';

/** Applies the parts of the patches that are about new files, in a folder that is empty. */
async function applyTo(folder: string, series: Series, pattern: string): Promise<void> {
	const patches = [...(await readSeriesBelow(series)), series].flatMap((each) => each.patches);
	await run('git', ['apply', '--whitespace=nowarn', `--include=${pattern}`, ...patches], {
		cwd: folder,
		// Whatever repository is above must not be taken for the patches' own.
		env: { ...reproducibleGitEnvironment(), GIT_CEILING_DIRECTORIES: path.dirname(folder) },
	});
}

async function writeIfDifferent(file: string, text: string): Promise<void> {
	if ((await readIfPresent(file)) !== text) {
		const part = `${file}.${process.pid}.part`;
		await writeFile(part, text);
		await rename(part, file);
	}
}

/**
 * Writes files that a series, or one that it goes on top of, adds, as they are after its last
 * patch. Those that are there already and the same keep their times, so that make needn't do
 * anything.
 * @param folder which folder of the kernel's they are in, such as `net/dbus`
 * @param names what their names begin with
 * @param target the folder to write to
 * @throws UserError if a patch changes such a file that no patch added
 */
export async function writeSeriesFiles(
	series: Series,
	folder: string,
	names: string,
	target: string,
): Promise<void> {
	await withTemporaryFolder('series', async (temporary) => {
		await applyTo(temporary, series, `${folder}/${names}*`);
		await mkdir(target, { recursive: true });
		for (const name of await readdir(path.join(temporary, folder))) {
			const text = await readFile(path.join(temporary, folder, name), 'utf8');
			await writeIfDifferent(path.join(target, name), text);
		}
	});
}
