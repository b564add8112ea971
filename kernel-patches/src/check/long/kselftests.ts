// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { make } from '../../compile.js';
import { exists } from '../../files.js';
import { tryRun } from '../../run.js';
import { touchedFiles, type Checker } from '../checker.js';
import type { Finding } from '../finding.js';
import { checkOutWithSeries, placeCompilation, withPlace } from './place.js';
import { pathInTree } from './touched-objects.js';
import { readWarning } from './warnings.js';

/** The series' selftests, by the command that people compile all of a folder's with. */
export const kselftests: Checker = {
	name: 'kselftests',
	description: 'make -C tools/testing/selftests TARGETS=… makes them, without warnings',
	projects: ['linux'],
	isLong: true,
	check: async (checked) => {
		const { selftests } = checked.series;
		if (selftests.length === 0) {
			return [];
		}
		return await withPlace(checked, 'on', async (place) => {
			await checkOutWithSeries(place, checked, checked.tip);
			await make(await placeCompilation(place, checked), 'headers', 'a', () => undefined);
			const built = path.join(place.objects, 'kselftest');
			await rm(built, { recursive: true, force: true });
			const targets = [...new Set(selftests.map((name) => path.dirname(name)))].join(' ');
			const folder = path.join(place.tree, 'tools/testing/selftests');
			// Others of the folder may need libraries that are not here: make's status says nothing.
			const { stdout, stderr } = await tryRun(
				'make',
				['--keep-going', '-C', folder, `O=${place.objects}`, `TARGETS=${targets}`],
				{ report: checked.report },
			);
			const files = touchedFiles(checked.patches);
			const said = `${stdout}\n${stderr}`.split('\n').flatMap((line): Finding[] => {
				const found = readWarning(line);
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
			return [...said, ...missing];
		});
	},
};
