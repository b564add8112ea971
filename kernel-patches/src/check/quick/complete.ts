// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readIfPresent } from '../../files.js';
import { tryGit } from '../../git.js';
import { touchedFiles } from '../../touched-files.js';
import { addedFiles, addedLines, type Checker, type CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { findSysctls } from './sysctls.js';

const selftestsFolder = 'tools/testing/selftests';

/** Headers for user space: programs may include them whatever their own licence. */
async function checkUapi({ patches, tree }: CheckedSeries): Promise<Finding[]> {
	const findings: Finding[] = [];
	for (const { path: file, patch, line } of addedFiles(patches)) {
		if (!/(?:^|\/)include\/uapi\/.*\.h$/.test(file)) {
			continue;
		}
		const [first = ''] = (await readFile(path.join(tree, file), 'utf8')).split('\n');
		if (!/SPDX-License-Identifier:.* WITH Linux-syscall-note\b/.test(first)) {
			const message = `expected a licence WITH Linux-syscall-note in the first line, got "${first}"`;
			findings.push({ rule: 'complete/uapi-licence', patch, line, file, message });
		}
	}
	return findings;
}

/** What user space sees is tested and described where it is added. */
function checkCompany({ patches }: CheckedSeries): Finding[] {
	const files = touchedFiles(patches);
	const visible = addedLines(patches, (file) => {
		return file === 'scripts/syscall.tbl' || /(?:^|\/)include\/uapi\//.test(file);
	});
	const [first] = visible;
	if (first === undefined) {
		return [];
	}
	const needed = [
		['tests', `${selftestsFolder}/`],
		['documentation', 'Documentation/'],
	] as const;
	return needed
		.filter(([, folder]) => !files.some((file) => file.startsWith(folder)))
		.map(([rule, folder]) => ({
			rule: `complete/${rule}`,
			patch: first.patch,
			line: first.line,
			file: first.file,
			message: `the series adds to what user space sees, and nothing to ${folder}`,
		}));
}

/** New documents are in the list of contents beside them. */
async function checkIndexes({ patches, tree }: CheckedSeries): Promise<Finding[]> {
	const findings: Finding[] = [];
	for (const { path: file, patch, line } of addedFiles(patches)) {
		const { dir, name, ext } = path.parse(file);
		if (dir.startsWith('Documentation/') && ext === '.rst' && name !== 'index') {
			const index = `${dir}/index.rst`;
			const text = (await readIfPresent(path.join(tree, index))) ?? '';
			if (!text.split('\n').some((each) => each.trim().replace(/\.rst$/, '') === name)) {
				const message = `is not in ${index}`;
				findings.push({ rule: 'complete/index', patch, line, file, message });
			}
		}
	}
	return findings;
}

/** Each sysctl that is added is in a document that the series changes. */
async function checkSysctls({ patches, tree }: CheckedSeries): Promise<Finding[]> {
	const touched = touchedFiles(patches);
	const read = async (pick: (file: string) => boolean): Promise<string[]> =>
		await Promise.all(touched.filter(pick).map((file) => readFile(path.join(tree, file), 'utf8')));
	const documents = await read((file) => file.startsWith('Documentation/'));
	const sources = await read((file) => /\.[ch]$/.test(file));
	return patches.flatMap((patch) =>
		patch.files
			.filter((file) => file.path.endsWith('.c'))
			.flatMap((file): Finding[] => {
				const text = file.added.map((line) => line.text).join('\n');
				return findSysctls(text, sources)
					.filter(({ name }) => !documents.some((each) => new RegExp(`\\b${name}\\b`).test(each)))
					.map(({ name, line }) => ({
						rule: 'complete/sysctl',
						patch: patch.name,
						line: file.added[line]?.line,
						file: file.path,
						message: `the sysctl ${name} is in no document`,
					}));
			}),
	);
}

/** Whether git leaves a file alone that is not in the repository. */
async function isIgnored(tree: string, file: string): Promise<boolean> {
	return (await tryGit(tree, ['check-ignore', '--quiet', '--no-index', file])).status === 0;
}

/** A folder's selftests: built by the Makefile there, run by that above, left alone by git. */
async function checkSelftest({ tree }: CheckedSeries, name: string): Promise<Finding[]> {
	const read = async (file: string): Promise<string> =>
		(await readIfPresent(path.join(tree, selftestsFolder, file))) ?? '';
	const { dir, base } = path.parse(name);
	const hasWord = (text: string, word: string): boolean => text.split(/[\s/]+/).includes(word);
	const wrong: [boolean, string][] = [
		[(await read(`${name}.c`)) === '', `${name}.c`],
		[!hasWord(await read(`${dir}/Makefile`), base), `${dir}/Makefile`],
		[!(await isIgnored(tree, `${selftestsFolder}/${name}`)), `${dir}/.gitignore`],
		[!(await read('Makefile')).split('\n').includes(`TARGETS += ${dir}`), 'Makefile'],
	];
	return wrong
		.filter(([is]) => is)
		.map(([, file]) => ({
			rule: 'complete/selftest',
			file: `${selftestsFolder}/${file}`,
			message: `series.json names the selftest ${name}, and this file does not have it`,
		}));
}

/** What belongs to a change besides the code. */
export const complete: Checker = {
	name: 'complete',
	description: 'uapi licence, tests, documents and their index, sysctls, selftests',
	projects: ['linux'],
	check: async (checked) => {
		const { selftests } = checked.series;
		return [
			...(await checkUapi(checked)),
			...checkCompany(checked),
			...(await checkIndexes(checked)),
			...(await checkSysctls(checked)),
			...(await Promise.all(selftests.map((name) => checkSelftest(checked, name)))).flat(),
		];
	},
};
