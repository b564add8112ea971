// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tryGit } from '../../git.js';
import { commandError, tryRun } from '../../run.js';
import { withTemporaryFolder } from '../../temporary-folder.js';
import { touchedFiles } from '../../touched-files.js';
import type { CheckedSeries, Checker } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import { onlyNew } from '../only-new.js';

/** Reads what kernel-doc complained of. */
export function parseKernelDoc(output: string): Finding[] {
	return output.split('\n').flatMap((text): Finding[] => {
		const [, file, line, message] = /^(?:Warning|Error): (\S+?):(\d+) (.*)$/i.exec(text) ?? [];
		return file === undefined || message === undefined
			? []
			: [{ rule: 'kernel-doc/warning', file, line: Number(line), message }];
	});
}

/**
 * Runs the tree's kernel-doc.
 * @param folder where the files are
 * @param files their paths in it
 */
async function runKernelDoc(
	tree: string,
	folder: string,
	files: readonly string[],
): Promise<Finding[]> {
	if (files.length === 0) {
		return [];
	}
	const args = [path.join(tree, 'scripts/kernel-doc'), '-none', '-Wall', ...files];
	const { status, stderr } = await tryRun('python3', args, { cwd: folder });
	const findings = parseKernelDoc(stderr);
	if (status !== 0 && findings.length === 0) {
		throw commandError('python3', args, status, stderr);
	}
	return findings;
}

/** Writes files as they are in the base; those that it doesn't have are left out. */
async function extractBase(
	{ source }: CheckedSeries,
	files: readonly string[],
	folder: string,
): Promise<string[]> {
	const there: string[] = [];
	for (const name of files) {
		const object = `${source.commit}:${name}`;
		const { status, stdout } = await tryGit(source.repository, ['cat-file', 'blob', object]);
		if (status === 0) {
			await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
			await writeFile(path.join(folder, name), stdout);
			there.push(name);
		}
	}
	return there;
}

/** Comments in kernel-doc's form. */
export const kernelDoc: Checker = {
	name: 'kernel-doc',
	description: 'kernel-doc on the files touched, compared with the base',
	projects: ['linux'],
	check: async (checked) => {
		const files = touchedFiles(checked.patches).filter((name) => /\.[ch]$/.test(name));
		return await withTemporaryFolder('base', async (folder) => {
			const before = await extractBase(checked, files, folder);
			const fresh = onlyNew(
				await runKernelDoc(checked.tree, checked.tree, files),
				await runKernelDoc(checked.tree, folder, before),
			);
			return await inPatches(checked, fresh);
		});
	},
};
