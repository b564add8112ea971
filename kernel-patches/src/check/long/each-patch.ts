// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachePath } from '../../cache.js';
import { make } from '../../compile.js';
import { completeOrAbsent, exists, writeWhole } from '../../files.js';
import { git } from '../../git.js';
import { extractWarnings } from '../../make-output.js';
import { reportStage } from '../../reporter.js';
import { run } from '../../run.js';
import { findToolchain } from '../../toolchain.js';
import { objectOf } from '../../touched-files.js';
import { UserError } from '../../user-error.js';
import type { Checker, CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';
import {
	checkOutIn,
	configurePlace,
	placeCompilation,
	settingFragment,
	withPlace,
	type Place,
	type Setting,
} from './place.js';
import { touchedSources } from './touched-objects.js';

/** Counts up when what is done here changes in a way that its inputs don't show. */
const recipe = 2;

/** Where it is noted that something was built. */
function notePath(...inputs: readonly string[]): string {
	const hash = createHash('sha256').update(JSON.stringify([recipe, ...inputs]));
	return cachePath('checks', `built-${hash.digest('hex').slice(0, 16)}`);
}

async function note(file: string): Promise<void> {
	if (!exists(file)) {
		await mkdir(path.dirname(file), { recursive: true });
		await completeOrAbsent(file, (part) => writeFile(part, ''));
	}
}

/**
 * Lends a place's objects to a build that says what is wrong. If it finds something, or is
 * interrupted, they go: make does not compile again what was compiled with a warning, so the next
 * build would not hear of it. ccache has the compilers' words, too.
 */
async function withObjects<Result extends { problems: readonly string[] }>(
	place: Place,
	work: () => Promise<Result>,
): Promise<Result> {
	const mark = `${place.objects}.unfinished`;
	if (exists(mark)) {
		await rm(place.objects, { recursive: true, force: true });
	}
	await writeWhole(mark, '');
	const result = await work();
	if (result.problems.length === 0) {
		await rm(mark);
	}
	return result;
}

/** Compiles all of the kernel that is configured; returns warnings and errors. */
async function build(place: Place, checked: CheckedSeries, config: string): Promise<string[]> {
	const compilation = await placeCompilation(place, checked);
	const lines: string[] = [];
	const collect = (line: string): void => {
		lines.push(line);
	};
	try {
		await make(compilation, 'vmlinux', 'a', collect);
		if (/^CONFIG_\w+=m$/m.test(config)) {
			await make(compilation, 'modules', 'a', collect);
		}
	} catch (error) {
		if (error instanceof UserError) {
			return [error.message];
		}
		throw error;
	}
	return extractWarnings(lines.join('\n'));
}

/** Those of some sources that the kernel which was built last is not made of. */
async function findUnbuilt(place: Place, sources: readonly string[]): Promise<string[]> {
	if (sources.length === 0) {
		return [];
	}
	// It prints where the objects are from where it runs.
	const names = await run('ar', ['t', 'vmlinux.a'], { cwd: place.objects });
	const objects = new Set(names.split('\n'));
	return sources.filter((source) => !objects.has(objectOf(source)));
}

/**
 * Builds the kernel as it is after one patch, unless that was done before. What is built is named
 * by the tree's hash, so by this patch and all before it.
 * @param sources those that the kernel has to be made of
 * @returns what is wrong, and which of the sources it is not made of
 */
async function buildCommit(
	place: Place,
	checked: CheckedSeries,
	commit: string,
	fragment: string,
	sources: readonly string[],
): Promise<{ problems: string[]; unbuilt: string[] }> {
	const { repository } = checked.source;
	const tree = (await git(repository, ['rev-parse', `${commit}^{tree}`])).trim();
	const { versions } = await findToolchain();
	const asked = notePath(tree, fragment, versions, ...sources);
	if (exists(asked)) {
		return { problems: [], unbuilt: [] };
	}
	await checkOutIn(place, checked, commit);
	return await withObjects(place, async () => {
		const config = await configurePlace(place, checked, fragment);
		// An option that is not there yet, or that can't be a module, makes the same kernel as another.
		const made = notePath(tree, config, versions, ...sources);
		const isMade = exists(made);
		const problems = isMade ? [] : await build(place, checked, config);
		// What did not build may have left what was built before.
		const unbuilt = isMade || problems.length > 0 ? [] : await findUnbuilt(place, sources);
		if (problems.length === 0 && unbuilt.length === 0) {
			await note(made);
			await note(asked);
		}
		return { problems, unbuilt };
	});
}

async function buildAll(checked: CheckedSeries, setting: Setting): Promise<Finding[]> {
	const { series, source, tip, patches, report } = checked;
	const list = await git(source.repository, ['rev-list', '--reverse', `${source.commit}..${tip}`]);
	const commits = list.split('\n').filter((line) => line !== '');
	const fragment = await settingFragment(series, setting);
	return await withPlace(checked, setting, async (place) => {
		const findings: Finding[] = [];
		for (const [index, commit] of commits.entries()) {
			const patch = patches[index]?.name;
			const isWhole = commit === tip && setting === 'on';
			const sources = isWhole ? touchedSources(checked) : [];
			const { problems, unbuilt } = await reportStage(
				report,
				() => `built ${patch ?? commit} with the options ${setting}`,
				() => buildCommit(place, checked, commit, fragment, sources),
			);
			findings.push(
				...problems.map((message) => ({ rule: `each-patch/${setting}`, patch, message })),
				...unbuilt.map((file) => ({
					rule: 'each-patch/not-built',
					file,
					message: 'the series touches it, and the kernel with the options on is not made of it',
				})),
			);
		}
		return await inPatches(checked, findings);
	});
}

/** Somebody will bisect through the series. */
export const eachPatch: Checker = {
	name: 'each-patch',
	description:
		'each patch builds, on x86-64, with the options on, module and off, of all it touches',
	projects: ['linux'],
	isLong: true,
	check: async (checked) => {
		const findings: Finding[] = [];
		for (const setting of ['on', 'module', 'off'] as const) {
			findings.push(...(await buildAll(checked, setting)));
		}
		return findings;
	},
};
