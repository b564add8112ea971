// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../files.js';
import { lastLines, tryRun } from '../../run.js';
import { pathInTree } from '../../touched-files.js';
import { UserError } from '../../user-error.js';
import type { Checker, CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import { onlyNew } from '../only-new.js';
import { checkOutIn, withPlace, type Place } from './place.js';
import { touchedSources } from './touched-objects.js';

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

/** A script that spatch could not run, and what it said. */
interface FailedScript {
	name: string;
	said: string;
}

/**
 * Single scripts may fail; where all do, it is not their fault.
 * @param count how many scripts there are
 * @throws UserError if none could be run, with what spatch said of the last
 */
export function requireScripts(tree: string, count: number, failed: readonly FailedScript[]): void {
	const folder = path.join(tree, 'scripts/coccinelle');
	if (count === 0) {
		throw new UserError(`${folder} has no script that can report: is that a tree of Linux?`);
	}
	const last = failed.at(-1);
	if (last !== undefined && failed.length === count) {
		throw new UserError(
			`spatch could run none of the ${count} scripts in ${folder}. Of ${last.name} it said:${lastLines(last.said, 20)}\nSee that spatch --version works (Debian has it in coccinelle), and run the command again.`,
		);
	}
}

/** It is compared with the base as the others are, so its words must not be of one run alone. */
function failureOf({ name }: FailedScript): Finding {
	return {
		rule: 'semantic/script',
		message: `spatch could not run ${name}, as it can on the base`,
	};
}

/** Runs all scripts on the files of one commit; those that can't be run are findings, too. */
async function reportCommit(
	{ tree }: Place,
	checked: CheckedSeries,
	files: readonly string[],
): Promise<Finding[]> {
	const there = files.filter((file) => exists(path.join(tree, file)));
	const findings: Finding[] = [];
	const failed: FailedScript[] = [];
	const scripts = await readScripts(tree);
	for (const { file, options } of there.length === 0 ? [] : scripts) {
		const args = ['-D', 'report', '--very-quiet', '--cocci-file', file, ...options, ...there];
		const { status, stdout, stderr } = await tryRun('spatch', args, { cwd: tree });
		if (status !== 0) {
			failed.push({ name: path.basename(file), said: stderr });
		}
		findings.push(...parseReport(stdout, there));
	}
	if (failed.length > 0) {
		checked.report.say(`spatch could not run ${failed.map(({ name }) => name).join(', ')}`);
	}
	requireScripts(tree, scripts.length, failed);
	return [...findings, ...failed.map(failureOf)];
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
			const after = await reportCommit(place, checked, files);
			return await inPatches(checked, onlyNew(after, before));
		}),
};
