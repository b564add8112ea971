// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { packageDirectory } from './base.js';
import { exists, parseJson } from './files.js';
import { UserError } from './user-error.js';

const seriesSchema = z.strictObject({
	/** What the series does, in a line: the cover letter's subject without its prefix. */
	title: z.string().min(1).max(72),
	/** Which project's tree the patches apply to. Only Linux's are built into kernels. */
	project: z.enum(['linux', 'man-pages']),
	/** What stands in the brackets of the subject before the numbers, such as `PATCH net-next v2`. */
	prefix: z.string().regex(/^[^[\]\n]*\bPATCH\b[^[\]\n]*$/, 'must contain the word PATCH'),
	/** The mailing lists it goes to. */
	lists: z.array(z.email()),
	/** The Kconfig options that it adds, such as `CONFIG_CROSS_MEMORY_COPY`. */
	options: z.array(z.string().regex(/^CONFIG_\w+$/, 'must be CONFIG_NAME')),
	/** The programs that it adds below tools/testing/selftests, such as `mm/cross_memory`. */
	selftests: z.array(z.string().regex(/^[\w-]+(\/[\w-]+)+$/, 'must be FOLDER/PROGRAM')),
	/** The KUnit suites that it adds, which the debug kernel has. */
	kunit: z.array(z.string().regex(/^\w+$/, 'must be the name of a suite')).default([]),
	/** How the names of its functions begin: KCSAN's reports of others' data races aren't its fault. */
	functions: z.array(z.string().regex(/^\w+$/, 'must be how a C name begins')).default([]),
	/** The series on top of which it goes; left out, it goes on the project's tree itself. */
	after: z
		.string()
		.regex(/^[\w-]+$/, 'must be the name of a series')
		.exactOptional(),
});

/** What a series.json says. */
export type SeriesDescription = z.infer<typeof seriesSchema>;

/** A patch series as it is stored. */
export interface Series extends SeriesDescription {
	/** The folder's name, which is also the name of the branch in which the series is worked on. */
	name: string;
	directory: string;
	/** Paths of the patches 0001, 0002 …, in order. */
	patches: string[];
	/** Path of 0000-cover-letter.patch, if there is one. */
	cover: string | undefined;
}

/** The name of the cover letter's file. */
export const coverName = '0000-cover-letter.patch';

/**
 * Checks the text of a series.json.
 * @throws UserError that names the file, and what in it is wrong
 */
export function parseSeriesDescription(text: string, file = 'series.json'): SeriesDescription {
	return parseJson(text, seriesSchema, file);
}

/** Whether a file in a series' folder is a patch or the cover letter. */
export function isPatchName(name: string): boolean {
	return /^\d{4}-.+\.patch$/.test(name);
}

/** The patches must be 1, 2, … without a gap or a number twice: what an interrupted export leaves. */
function checkNumbers(directory: string, names: readonly string[]): void {
	const wrong = names.findIndex((name, index) => Number(name.slice(0, 4)) !== index + 1);
	if (wrong !== -1) {
		throw new UserError(
			`${directory}: expected patch ${String(wrong + 1).padStart(4, '0')} and found ${names[wrong] ?? ''}. The patches must be numbered from 0001 without gaps; export the series again, or take them from git`,
		);
	}
}

/**
 * Reads one series out of its folder.
 * @throws UserError if the folder has no series.json, or not a valid one, or a patch is missing
 */
export async function readSeries(directory: string): Promise<Series> {
	const file = path.join(directory, 'series.json');
	if (!exists(file)) {
		throw new UserError(`${directory} is not a patch series: it has no series.json`);
	}
	const description = parseSeriesDescription(await readFile(file, 'utf8'), file);
	const names = (await readdir(directory)).filter(isPatchName).toSorted();
	const patches = names.filter((name) => name !== coverName);
	checkNumbers(directory, patches);
	return {
		...description,
		name: path.basename(directory),
		directory,
		patches: patches.map((name) => path.join(directory, name)),
		cover: names.includes(coverName) ? path.join(directory, coverName) : undefined,
	};
}

/** The series of that name, which another one names as the one it is after. */
function findBelow(series: Series, all: readonly Series[]): Series {
	const file = path.join(series.directory, 'series.json');
	const below = all.find(({ name }) => name === series.after);
	if (below === undefined) {
		const names = all.map(({ name }) => name).join(', ');
		throw new UserError(`${file} says "after": "${series.after}"; there is: ${names}`);
	}
	if (below.project !== series.project) {
		throw new UserError(
			`${file} says "after": "${below.name}", which is for ${below.project} and not for ${series.project}: both have to go to the same project`,
		);
	}
	return below;
}

/**
 * The series on top of which one goes, bottom first, without itself.
 * @throws UserError if one of them is not there, or goes on top of itself in the end
 */
export function seriesBelow(series: Series, all: readonly Series[]): Series[] {
	const stack = [series];
	for (let top = series; top.after !== undefined;) {
		top = findBelow(top, all);
		if (stack.includes(top)) {
			const names = [...stack, top].map(({ name }) => name).join(' after ');
			throw new UserError(`series can't go on top of themselves: ${names}`);
		}
		stack.push(top);
	}
	return stack.slice(1).toReversed();
}

/** The same series, none of them before one that it goes on top of; else the order stays. */
function inOrderOfApplication(all: readonly Series[]): Series[] {
	return [...new Set(all.flatMap((series) => [...seriesBelow(series, all), series]))];
}

/**
 * All series in the order in which a kernel gets them: by name, but for those that one goes on top
 * of, which come before it.
 * @param root the folder that holds the series' folders
 * @throws UserError if one is not as it should be, or goes on top of one that is not there
 */
export async function listSeries(root: string = packageDirectory): Promise<Series[]> {
	const entries = await readdir(root, { withFileTypes: true });
	const directories = entries
		.filter((entry) => entry.isDirectory())
		.map((entry) => path.join(root, entry.name))
		.toSorted();
	const isSeries = await Promise.all(
		directories.map(async (directory) => {
			const names = await readdir(directory);
			// A folder with patches and no series.json is a mistake, which readSeries names.
			return names.includes('series.json') || names.some(isPatchName);
		}),
	);
	return inOrderOfApplication(
		await Promise.all(directories.filter((_name, index) => isSeries[index]).map(readSeries)),
	);
}

/**
 * One series by its name.
 * @throws UserError that lists the names there are
 */
export async function findSeries(name: string, root: string = packageDirectory): Promise<Series> {
	const all = await listSeries(root);
	const found = all.find((series) => series.name === name);
	if (found === undefined) {
		const names = all.map((series) => series.name).join(', ') || 'none';
		throw new UserError(`there is no series ${name}; there is: ${names}`);
	}
	return found;
}

/**
 * How the names of all series' kernel functions begin.
 * @throws UserError as `listSeries()`
 */
export async function functionsOfSeries(): Promise<string[]> {
	return (await listSeries()).flatMap(({ functions }) => functions);
}
