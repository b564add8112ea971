// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make, type Compilation } from '../../compile.js';
import { exists } from '../../files.js';
import { extractErrors } from '../../make-output.js';
import { UserError } from '../../user-error.js';
import { kernelSources, objectOf, pathInTree, touchedFiles } from '../../touched-files.js';
import type { CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import { onlyNew } from '../only-new.js';
import { checkOutWithSeries, placeCompilation, withPlace, type Place } from './place.js';

/** The sources that the series touches and x86-64's kernel is made of. */
export function touchedSources(checked: CheckedSeries): string[] {
	return kernelSources(touchedFiles(checked.patches), 'x86');
}

/** Reads a finding out of a line that a compiler, or its like, printed. */
export type ReadLine = (line: string) => Omit<Finding, 'rule'> | undefined;

/** A way to have make compile the sources: whatever comes first compiles them. */
export interface Pass {
	/** Of what is said in it. */
	rule: string;
	/** What make is told besides, such as `W=1`. */
	words: readonly string[];
}

/** What was said about the sources of one commit, and which of them don't compile. */
interface CompiledCommit {
	found: Finding[];
	/** By the source's path: the pass, and the lines of make's output. */
	failed: Map<string, { rule: string; lines: readonly string[] }>;
}

/** Makes one object; returns what was printed. */
async function makeObject(
	compilation: Compilation,
	object: string,
): Promise<{ lines: string[]; isMade: boolean }> {
	const lines: string[] = [];
	try {
		await make(compilation, object, 'a', (line) => lines.push(line));
		return { lines, isMade: true };
	} catch (error) {
		if (error instanceof UserError) {
			return { lines, isMade: false };
		}
		throw error;
	}
}

/** Compiles the sources of one commit, all of them anew, and reads what was said about them. */
async function compileCommit(
	place: Place,
	checked: CheckedSeries,
	commit: string,
	passes: readonly Pass[],
	read: ReadLine,
): Promise<CompiledCommit> {
	await checkOutWithSeries(place, checked, commit);
	const files = touchedSources(checked).filter((file) => exists(path.join(place.tree, file)));
	await Promise.all(
		files.map((file) => rm(path.join(place.objects, objectOf(file)), { force: true })),
	);
	await make(await placeCompilation(place, checked), 'prepare', 'a', () => undefined);
	const all = touchedFiles(checked.patches);
	const found: Finding[] = [];
	const failed: CompiledCommit['failed'] = new Map();
	for (const { rule, words } of passes) {
		const compilation = await placeCompilation(place, checked, ['--keep-going', ...words]);
		for (const source of files.filter((file) => !failed.has(file))) {
			const { lines, isMade } = await makeObject(compilation, objectOf(source));
			const refusal = lines.find((line) => line.includes('is not available or not up to date'));
			if (refusal !== undefined) {
				throw new UserError(`make goes on without a checker that it was told to run: ${refusal}`);
			}
			if (!isMade) {
				failed.set(source, { rule, lines });
			}
			for (const said of lines.map(read)) {
				const file = said?.file === undefined ? undefined : pathInTree(said.file, all);
				if (said !== undefined && file !== undefined) {
					found.push({ ...said, rule, file });
				}
			}
		}
	}
	return { found, failed };
}

/**
 * The sources that don't compile after the series, and of which nothing else was said: errors may be
 * in a file that the series doesn't touch, and what doesn't compile before it either is silent.
 */
function findUncompiled(
	checker: string,
	failed: CompiledCommit['failed'],
	found: readonly Finding[],
): Finding[] {
	return [...failed]
		.filter(([source, { rule }]) => {
			return !found.some((each) => each.file === source && each.rule === rule);
		})
		.map(([file, { lines }]) => ({
			rule: `${checker}/not-compiled`,
			file,
			message: `no warning can be seen, as it is not compiled: ${extractErrors(lines.join('\n'))[0] ?? 'make failed'}`,
		}));
}

/**
 * Compiles what the series touches, before and after it, and tells what is said only afterwards, and
 * what is not compiled.
 * @param checker of whose findings it is
 * @param passes in each of which all of it is compiled
 */
export async function compareTouched(
	checked: CheckedSeries,
	checker: string,
	passes: readonly Pass[],
	read: ReadLine,
): Promise<Finding[]> {
	return await withPlace(checked, 'on', async (place) => {
		const before = await compileCommit(place, checked, checked.source.commit, passes, read);
		const after = await compileCommit(place, checked, checked.tip, passes, read);
		// What doesn't compile before the series either lacks more than the series could tell.
		const ours = after.found.filter(({ file = '' }) => !before.failed.has(file));
		const fresh = onlyNew(ours, before.found);
		const all = [...fresh, ...findUncompiled(checker, after.failed, fresh)];
		return await inPatches(checked, all);
	});
}
