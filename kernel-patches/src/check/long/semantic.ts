// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../files.js';
import { tryRun } from '../../run.js';
import { UserError } from '../../user-error.js';
import type { Checker, CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { onlyNew } from '../only-new.js';
import { checkOutIn, withPlace, type Place } from './place.js';
import { pathInTree, touchedSources } from './touched-objects.js';

/** Reads what Coccinelle's scripts print in the mode `report`. */
export function parseReport(output: string, files: readonly string[]): Finding[] {
	return output.split('\n').flatMap((text): Finding[] => {
		const [, name = '', line, message] = /^(\S+?):(\d+):\d+-\d+: (.*)$/.exec(text) ?? [];
		const file = pathInTree(name, files);
		return file === undefined || message === undefined
			? []
			: [{ rule: 'semantic/new', file, line: Number(line), message }];
	});
}

/** A script of the kernel's that can report, and what it asks spatch for. */
interface SemanticScript {
	file: string;
	options: string[];
}

/** The scripts of a tree, as scripts/coccicheck finds them. */
export async function readScripts(tree: string): Promise<SemanticScript[]> {
	const folder = path.join(tree, 'scripts/coccinelle');
	const names = (await readdir(folder, { recursive: true })).filter((name) =>
		name.endsWith('.cocci'),
	);
	const scripts: SemanticScript[] = [];
	for (const name of names.toSorted()) {
		const file = path.join(folder, name);
		const text = await readFile(file, 'utf8');
		if (/^virtual .*\breport\b/m.test(text)) {
			const [, options = ''] = /^\/\/+ *Options: *(.*)$/m.exec(text) ?? [];
			scripts.push({ file, options: options.split(/\s+/).filter((word) => word !== '') });
		}
	}
	return scripts;
}

/** Runs all scripts on the files of one commit. */
async function reportCommit(
	{ tree }: Place,
	checked: CheckedSeries,
	files: readonly string[],
): Promise<Finding[]> {
	const there = files.filter((file) => exists(path.join(tree, file)));
	const findings: Finding[] = [];
	const failed: string[] = [];
	const scripts = await readScripts(tree);
	for (const { file, options } of there.length === 0 ? [] : scripts) {
		const args = ['-D', 'report', '--very-quiet', '--cocci-file', file, ...options, ...there];
		const { status, stdout } = await tryRun('spatch', args, { cwd: tree });
		if (status !== 0) {
			failed.push(path.basename(file));
		}
		findings.push(...parseReport(stdout, there));
	}
	if (failed.length > 0) {
		checked.report.say(`spatch could not run ${failed.join(', ')}`);
	}
	if (scripts.length === 0 || failed.length === scripts.length) {
		throw new UserError(
			`spatch could run none of the ${scripts.length} scripts in ${tree}/scripts/coccinelle`,
		);
	}
	return findings;
}

/** scripts/coccinelle. */
export const semantic: Checker = {
	name: 'semantic',
	description: "Coccinelle's scripts on the files touched, compared with the base",
	projects: ['linux'],
	isLong: true,
	check: (checked) =>
		withPlace(checked, 'on', async (place) => {
			const files = touchedSources(checked);
			await checkOutIn(place, checked, checked.source.commit);
			const before = await reportCommit(place, checked, files);
			await checkOutIn(place, checked, checked.tip);
			return onlyNew(await reportCommit(place, checked, files), before);
		}),
};
