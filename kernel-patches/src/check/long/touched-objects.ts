// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make } from '../../compile.js';
import { exists } from '../../files.js';
import { UserError } from '../../user-error.js';
import { touchedFiles, type CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { onlyNew } from '../only-new.js';
import { checkOutWithSeries, placeCompilation, withPlace, type Place } from './place.js';

/** The sources that the series touches and x86-64's kernel is made of. */
export function touchedSources(checked: CheckedSeries): string[] {
	return touchedFiles(checked.patches).filter(
		(file) => file.endsWith('.c') && !/^(?:tools|scripts|samples|usr|arch\/(?!x86\/))/.test(file),
	);
}

/** Reads a finding out of a line that a compiler, or its like, printed. */
export type ReadLine = (line: string) => Omit<Finding, 'rule'> | undefined;

/** The path in the kernel's tree of a file that make named from wherever it was. */
export function pathInTree(name: string, files: readonly string[]): string | undefined {
	return files.find((file) => name === file || name.endsWith(`/${file}`));
}

/** What was said about the sources of one commit, and which of them don't compile. */
interface CompiledCommit {
	found: Omit<Finding, 'rule'>[];
	failed: string[];
}

/** Compiles the sources of one commit, all of them anew, and reads what was said about them. */
async function compileCommit(
	place: Place,
	checked: CheckedSeries,
	commit: string,
	words: readonly string[],
	read: ReadLine,
): Promise<CompiledCommit> {
	await checkOutWithSeries(place, checked, commit);
	const files = touchedSources(checked).filter((file) => exists(path.join(place.tree, file)));
	const objects = files.map((file) => file.replace(/\.c$/, '.o'));
	await Promise.all(objects.map((name) => rm(path.join(place.objects, name), { force: true })));
	const lines: string[] = [];
	const failed: string[] = [];
	const compilation = await placeCompilation(place, checked, ['--keep-going', ...words]);
	await make(await placeCompilation(place, checked), 'prepare', 'a', () => undefined);
	for (const [index, object] of objects.entries()) {
		try {
			await make(compilation, object, 'a', (line) => lines.push(line));
		} catch (error) {
			if (!(error instanceof UserError)) {
				throw error;
			}
			failed.push(files[index] ?? '');
		}
	}
	const refusal = lines.find((line) => line.includes('is not available or not up to date'));
	if (refusal !== undefined) {
		throw new UserError(`make goes on without a checker that it was told to run: ${refusal}`);
	}
	const all = touchedFiles(checked.patches);
	const found = lines.flatMap((line) => {
		const said = read(line);
		const file = said?.file === undefined ? undefined : pathInTree(said.file, all);
		return said === undefined || file === undefined ? [] : [{ ...said, file }];
	});
	return { found, failed };
}

/**
 * Compiles what the series touches, before and after it, and tells what is said only afterwards.
 * @param words what make is told besides, such as `W=1`
 */
export async function compareTouched(
	checked: CheckedSeries,
	rule: string,
	words: readonly string[],
	read: ReadLine,
): Promise<Finding[]> {
	return await withPlace(checked, 'on', async (place) => {
		const before = await compileCommit(place, checked, checked.source.commit, words, read);
		const after = await compileCommit(place, checked, checked.tip, words, read);
		const named = (found: readonly Omit<Finding, 'rule'>[]): Finding[] =>
			found.map((each) => ({ ...each, rule }));
		// What doesn't compile before the series either is for other configurations than this one.
		const ours = after.found.filter(({ file = '' }) => !before.failed.includes(file));
		return onlyNew(named(ours), named(before.found));
	});
}
