// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make } from '../../compile.js';
import { tryRun } from '../../run.js';
import { touchedFiles } from '../../touched-files.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import { checkOutWithSeries, placeCompilation, withPlace } from './place.js';

/** Whether a program can include a header that was installed, and nothing else. */
async function compileAlone(folder: string, header: string): Promise<Finding[]> {
	const name = header.replace(/^.*include\/uapi\//, '');
	const args = [
		'-std=c90',
		'-Wall',
		'-Werror',
		'-fsyntax-only',
		`-I${folder}/include`,
		'-x',
		'c',
		'-',
	];
	const { status, stderr } = await tryRun('gcc', args, { input: `#include <${name}>\n` });
	return status === 0 ? [] : [{ rule: 'headers/alone', file: header, message: stderr.trim() }];
}

/** Headers for programs. */
export const headers: Checker = {
	name: 'headers',
	description: 'make headers_install says nothing; the uapi headers touched compile alone',
	projects: ['linux'],
	isLong: true,
	check: (checked) =>
		withPlace(checked, 'on', async (place) => {
			const folder = path.join(path.dirname(place.tree), 'headers');
			await checkOutWithSeries(place, checked, checked.tip);
			await rm(folder, { recursive: true, force: true });
			const said: string[] = [];
			const compilation = await placeCompilation(place, checked, [`INSTALL_HDR_PATH=${folder}`]);
			await make(compilation, 'headers_install', 'a', (line) => said.push(line));
			const complaints = said
				.filter((line) => /\b(?:warning|error)\b/i.test(line))
				.map((message) => ({ rule: 'headers/install', message }));
			const exported = touchedFiles(checked.patches).filter((file) => {
				return /^include\/uapi\/(?!asm-generic\/).*\.h$/.test(file);
			});
			const alone = exported.map((file) => compileAlone(folder, file));
			return [...complaints, ...(await inPatches(checked, (await Promise.all(alone)).flat()))];
		}),
};
