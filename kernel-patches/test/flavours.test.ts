// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { flavourContents, type KernelFlavour } from '../src/flavours.js';
import type { Series } from '../src/series.js';
import { UserError } from '../src/user-error.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

function seriesNamed(name: string, other: Partial<Series> = {}): Series {
	return {
		name,
		title: name,
		project: 'linux',
		prefix: 'PATCH',
		lists: [],
		options: [`CONFIG_${name.toUpperCase()}`],
		selftests: [],
		kunit: [],
		functions: [],
		directory: `/${name}`,
		patches: [],
		cover: undefined,
		...other,
	};
}

test('a flavour has the series and fragments it should, in order', async (t) => {
	const folder = await makeTemporaryFolder(t);
	await writeFile(path.join(folder, 'a.config'), '');
	const all = [
		seriesNamed('a'),
		seriesNamed('b', { options: [] }),
		seriesNamed('man', { project: 'man-pages' }),
	];
	const contents = (flavour: KernelFlavour): string[][] => {
		const { series, fragments } = flavourContents(flavour, all, folder);
		return [series.map(({ name }) => name), fragments.map((file) => path.basename(file))];
	};
	t.deepEqual(contents('release'), [
		['a', 'b'],
		['guest.config', 'a.config'],
	]);
	t.deepEqual(contents('debug'), [
		['a', 'b'],
		['guest.config', 'a.config', 'debug.config'],
	]);
	t.deepEqual(contents('base'), [[], ['guest.config']]);
	t.deepEqual(contents('rt')[1], ['guest.config', 'a.config', 'rt.config']);
	t.deepEqual(contents('module')[1], ['guest.config', 'a.config', 'module.config']);
});

test('a series that adds options needs a fragment', (t) => {
	t.throws(() => flavourContents('release', [seriesNamed('a')], '/nonexistent'), {
		instanceOf: UserError,
		message: /the series a adds options, and \/nonexistent\/a\.config is missing/,
	});
});
