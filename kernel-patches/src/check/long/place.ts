// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageDirectory } from '../../base.js';
import { cachePath } from '../../cache.js';
import { make, type Compilation } from '../../compile.js';
import { exists, writeWhole } from '../../files.js';
import { formatFragment, mergeFragments, parseFragment, readFragments } from '../../fragments.js';
import { withLock } from '../../lock.js';
import type { Series } from '../../series.js';
import { readSeriesBelow } from '../../stacked-source.js';
import { buildEnvironment, findToolchain, jobCount, makeArguments } from '../../toolchain.js';
import { checkOut } from '../../work-tree.js';
import type { CheckedSeries } from '../checker.js';

/** How the options of a series are set. */
export type Setting = 'on' | 'module' | 'off';

const values = { on: 'y', module: 'm', off: 'n' } as const;

/** Where kernels are compiled for the checks, apart from those that are run. */
export interface Place {
	tree: string;
	objects: string;
}

/** Lends the working tree and the build folder of a setting. */
export async function withPlace<Result>(
	{ source, report }: CheckedSeries,
	setting: Setting,
	work: (place: Place) => Promise<Result>,
): Promise<Result> {
	const directory = cachePath('build', `check-all${source.suffix}`);
	await mkdir(directory, { recursive: true });
	return await withLock(`build/${path.basename(directory)}`, directory, report, () =>
		work({ tree: path.join(directory, 'tree'), objects: path.join(directory, setting) }),
	);
}

/** Checks a commit out in a place. */
export async function checkOutIn(
	{ tree }: Place,
	{ source, report }: CheckedSeries,
	commit: string,
): Promise<void> {
	await checkOut(source.repository, tree, commit, report);
}

/**
 * The options that are set: those that the series adds, and where it adds none, those of the next one
 * below that does, as what it changes is compiled by these.
 */
function variedOptions(stack: readonly Series[]): readonly string[] {
	return stack.findLast(({ options }) => options.length > 0)?.options ?? [];
}

/**
 * The fragment that a series is compiled with: the guest's, what is switched on for the checks, and
 * the options of it and those below.
 */
export async function settingFragment(series: Series, setting: Setting): Promise<string> {
	const all = [...(await readSeriesBelow(series)), series];
	const files = ['guest', 'check', ...all.map(({ name }) => name)]
		.map((name) => path.join(packageDirectory, 'config', `${name}.config`))
		.filter((file) => exists(file));
	const varied = variedOptions(all).map((name) => {
		return { name, value: values[setting], file: setting, line: 0 };
	});
	// KUnit has functions not be static, so the compiler knows less of what is wrong with them.
	const hasSuites = all.some(({ kunit }) => kunit.length > 0);
	const kunit =
		setting === 'on' || !hasSuites ? [] : parseFragment('# CONFIG_KUNIT is not set\n', setting);
	return formatFragment(mergeFragments([await readFragments(files), varied, kunit]));
}

/** make for a place, with whatever else is wanted. */
export async function placeCompilation(
	{ tree, objects }: Place,
	{ report }: CheckedSeries,
	words: readonly string[] = [],
): Promise<Compilation> {
	const toolchain = await findToolchain();
	return {
		arguments: [
			`--jobs=${jobCount()}`,
			'--output-sync=target',
			...makeArguments(tree, objects, toolchain),
			...words,
		],
		environment: buildEnvironment(path.join(objects, 'ccache.log')),
		log: `${objects}.log`,
		report,
	};
}

/**
 * Configures what is checked out: everything off but the fragment. Options that the commit doesn't
 * have yet are ignored.
 * @returns the final .config
 */
export async function configurePlace(
	place: Place,
	checked: CheckedSeries,
	fragment: string,
): Promise<string> {
	const { objects } = place;
	const file = `${objects}.config`;
	await mkdir(objects, { recursive: true });
	await writeWhole(file, fragment);
	const compilation = await placeCompilation(place, checked, [`KCONFIG_ALLCONFIG=${file}`]);
	await make(compilation, 'allnoconfig', 'w', () => undefined);
	return await readFile(path.join(objects, '.config'), 'utf8');
}

/** Checks a commit out in a place, and configures it with the options of the series on. */
export async function checkOutWithSeries(
	place: Place,
	checked: CheckedSeries,
	commit: string,
): Promise<void> {
	await checkOutIn(place, checked, commit);
	await configurePlace(place, checked, await settingFragment(checked.series, 'on'));
}
