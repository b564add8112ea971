// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make } from '../../compile.js';
import { readComplaint } from '../../make-output.js';
import { tryRun } from '../../run.js';
import { pathInTree, touchedFiles } from '../../touched-files.js';
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

/** Reads a line of `make headers_install`. */
export function readInstallation(line: string, files: readonly string[]): Finding[] {
	const rule = 'headers/install';
	const found = readComplaint(line);
	if (found !== undefined) {
		const file = pathInTree(found.file, files);
		// Its line counts in the file as the series leaves it, so only if it is one of its files.
		return file === undefined ? [{ rule, message: line }] : [{ ...found, rule, file }];
	}
	return /\b(?:warning|error)\b/i.test(line) ? [{ rule, message: line }] : [];
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
			const files = touchedFiles(checked.patches);
			const complaints = said.flatMap((line) => readInstallation(line, files));
			const exported = files.filter((file) => {
				return /^include\/uapi\/(?!asm-generic\/).*\.h$/.test(file);
			});
			const alone = exported.map((file) => compileAlone(folder, file));
			return await inPatches(checked, [...complaints, ...(await Promise.all(alone)).flat()]);
		}),
};
