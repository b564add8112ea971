// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make } from '../../compile.js';
import { exists } from '../../files.js';
import { readComplaint } from '../../make-output.js';
import { tryRun } from '../../run.js';
import type { Series } from '../../series.js';
import { readSeriesBelow } from '../../stacked-source.js';
import { pathInTree, programSources, touchedFiles } from '../../touched-files.js';
import type { CheckedSeries, Checker } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import { checkOutWithSeries, placeCompilation, withPlace } from './place.js';

const selftestsFolder = 'tools/testing/selftests';

function sourceOf(selftest: string): string {
	return `${selftestsFolder}/${selftest}.c`;
}

/** The series' selftests, and those of the series below that it changes. */
export function touchedSelftests(
	{ series, patches }: CheckedSeries,
	below: readonly Series[],
): string[] {
	const touched = touchedFiles(patches);
	const others = below.flatMap(({ selftests }) => selftests);
	return [...series.selftests, ...others.filter((name) => touched.includes(sourceOf(name)))];
}

/**
 * Programs that the series touches and that none of the checks compiles.
 * @param selftests those that are compiled
 */
export function findUncompiledPrograms(
	{ patches }: CheckedSeries,
	selftests: readonly string[],
): Finding[] {
	const compiled = selftests.map(sourceOf);
	return programSources(touchedFiles(patches))
		.filter((file) => !compiled.includes(file))
		.map((file) => ({
			rule: 'kselftests/not-compiled',
			file,
			message: 'it is not of the selftests that series.json names, so nothing compiles it',
		}));
}

/** The series' selftests, by the command that people compile all of a folder's with. */
export const kselftests: Checker = {
	name: 'kselftests',
	description: 'make -C tools/testing/selftests TARGETS=… makes them, without warnings',
	projects: ['linux'],
	isLong: true,
	check: async (checked) => {
		const selftests = touchedSelftests(checked, await readSeriesBelow(checked.series));
		const uncompiled = findUncompiledPrograms(checked, selftests);
		if (selftests.length === 0) {
			return await inPatches(checked, uncompiled);
		}
		return await withPlace(checked, 'on', async (place) => {
			await checkOutWithSeries(place, checked, checked.tip);
			await make(await placeCompilation(place, checked), 'headers', 'a', () => undefined);
			const built = path.join(place.objects, 'kselftest');
			await rm(built, { recursive: true, force: true });
			const targets = [...new Set(selftests.map((name) => path.dirname(name)))].join(' ');
			const folder = path.join(place.tree, selftestsFolder);
			// Others of the folder may need libraries that are not here: make's status says nothing.
			const { stdout, stderr } = await tryRun(
				'make',
				['--keep-going', '-C', folder, `O=${place.objects}`, `TARGETS=${targets}`],
				{ report: checked.report },
			);
			const files = touchedFiles(checked.patches);
			const said = `${stdout}\n${stderr}`.split('\n').flatMap((line): Finding[] => {
				const found = readComplaint(line);
				const file = found?.file === undefined ? undefined : pathInTree(found.file, files);
				return found === undefined || file === undefined
					? []
					: [{ ...found, file, rule: 'kselftests/warning' }];
			});
			const missing = selftests
				.filter((name) => !exists(path.join(built, name)))
				.map((name) => ({
					rule: 'kselftests/missing',
					message: `make TARGETS="${targets}" did not make ${name}`,
				}));
			return await inPatches(checked, [...said, ...missing, ...uncompiled]);
		});
	},
};
