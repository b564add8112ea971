// SPDX-License-Identifier: GPL-2.0-only
import { replaceTable, UserError, type Series } from '@fastipc/kernel-patches';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { coverTable } from '../bench/copy/cover-table.js';
import type { CopyRow } from '../bench/copy/rows.js';
import { memoryKinds } from '../bench/copy/subjects.js';
import { writeWhole } from '../bench/write-whole.js';

/** The line of a cover letter below which the table of figures is. */
export const figuresHeading = 'Instructions for one call (unpatched peer), and multiples of them:';

const rowsSchema = z.array(
	z.strictObject({
		subject: z.string(),
		bytes: z.int().nonnegative(),
		memory: z.enum(memoryKinds),
		instructions: z.number().positive(),
		nanoseconds: z.number().positive().nullable(),
	}),
);

/**
 * Reads what `npm run bench -- copy --json FILE` wrote.
 * @throws UserError that names the file, and what in it is wrong
 */
export async function readFigures(file: string): Promise<CopyRow[]> {
	try {
		return rowsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
	} catch (error) {
		const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
		throw new UserError(
			`${file} has no figures of the bench: ${reason}\nMake them: npm run bench -- copy --json ${file}`,
		);
	}
}

/** Where a series keeps the figures that its cover letter shows. */
export function figuresFile(series: Series): string {
	return path.join(series.directory, 'figures.json');
}

/** The cover letter with the table that the figures give. */
export function coverWithFigures(cover: string, rows: readonly CopyRow[]): string {
	return replaceTable(cover, figuresHeading, coverTable(rows));
}

/**
 * Puts figures into a series: keeps them beside its patches, and their table in its cover letter.
 * @returns the files that were written
 * @throws UserError if the series has no cover letter, or that has no place for a table
 */
export async function setFigures(series: Series, file: string): Promise<string[]> {
	if (series.cover === undefined) {
		throw new UserError(`the series ${series.name} has no cover letter`);
	}
	const rows = await readFigures(file);
	const cover = coverWithFigures(await readFile(series.cover, 'utf8'), rows);
	await writeWhole(figuresFile(series), `${JSON.stringify(rows, undefined, '\t')}\n`);
	await writeWhole(series.cover, cover);
	return [figuresFile(series), series.cover];
}
