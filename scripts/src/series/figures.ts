// SPDX-License-Identifier: GPL-2.0-only
import { replaceTable, UserError, type Series } from '@fastipc/kernel-patches';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { coverTable } from '../bench/copy/cover-table.js';
import { otherWaysTable } from '../bench/copy/other-ways-table.js';
import { memoryKinds } from '../bench/copy/subjects.js';
import { rowsSchema as callRowsSchema } from '../bench/dbus/calls.js';
import { coverTable as callsCoverTable } from '../bench/dbus/calls-cover-table.js';
import { coverTable as dbusCoverTable } from '../bench/dbus/cover-table.js';
import { rowsSchema as dbusRowsSchema } from '../bench/dbus/rows.js';
import { writeWhole } from '../bench/write-whole.js';

/** A table of a cover letter. */
export interface CoverTable {
	/** The line of the cover letter below which it is. */
	heading: string;
	lines: readonly string[];
}

/** Figures as they were read, and what a cover letter shows of them. */
export interface Figures {
	rows: readonly unknown[];
	tables: readonly CoverTable[];
}

/** The figures of a series. */
interface FiguresKind {
	/** What measures them. */
	bench: string;
	/** @throws ZodError if that isn't what the bench writes */
	parse: (json: unknown) => Figures;
}

/** @param tables what makes each table, by the heading above it */
function figuresKind<Row>(
	bench: string,
	schema: z.ZodType<Row[]>,
	tables: Readonly<Record<string, (rows: readonly Row[]) => string[]>>,
): FiguresKind {
	return {
		bench,
		parse: (json) => {
			const rows = schema.parse(json);
			return {
				rows,
				tables: Object.entries(tables).map(([heading, make]) => ({ heading, lines: make(rows) })),
			};
		},
	};
}

/** What `bench -- copy --json` writes. */
export const copyRowsSchema = z.array(
	z.strictObject({
		subject: z.string(),
		bytes: z.int().nonnegative(),
		memory: z.enum(memoryKinds),
		instructions: z.number().positive(),
		nanoseconds: z.number().positive().nullable(),
	}),
);

/** By the names of the series. */
const kinds: ReadonlyMap<string, FiguresKind> = new Map([
	[
		'cross-memory',
		figuresKind('npm run bench -- copy --json', copyRowsSchema, {
			'Instructions for a message (small pages), and multiples of the new calls:': otherWaysTable,
			'Instructions for one call (unpatched peer), and multiples of them:': coverTable,
		}),
	],
	[
		'af-dbus',
		figuresKind('npm run bench -- dbus --without-direct --json', callRowsSchema, {
			'Instructions for a method call through dbus-daemon, with its reply:': callsCoverTable,
		}),
	],
	[
		'af-dbus-direct',
		figuresKind('npm run bench -- dbus --json', dbusRowsSchema, {
			'Instructions for a method call and its reply, and what AF_DBUS is of each:': dbusCoverTable,
		}),
	],
]);

/** Which bench measures the figures of each series that has some, a line for each. */
export function describeBenches(): string {
	const width = Math.max(...[...kinds.keys()].map((name) => name.length));
	const lines = [...kinds].map(([name, { bench }]) => `  ${name.padEnd(width)}  ${bench} FILE`);
	return lines.join('\n');
}

function kindOf({ name }: Series): FiguresKind {
	const kind = kinds.get(name);
	if (kind === undefined) {
		throw new UserError(
			`the series ${name} has no figures; those that have: ${[...kinds.keys()].join(', ')}`,
		);
	}
	return kind;
}

/**
 * Reads what the series' bench wrote.
 * @throws UserError that names the file, and what in it is wrong
 */
export async function readFigures(series: Series, file: string): Promise<Figures> {
	const { bench, parse } = kindOf(series);
	try {
		return parse(JSON.parse(await readFile(file, 'utf8')));
	} catch (error) {
		const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
		throw new UserError(
			`${file} has no figures of the bench: ${reason}\nMake them: ${bench} ${file}`,
		);
	}
}

/** Where a series keeps the figures that its cover letter shows. */
export function figuresFile(series: Series): string {
	return path.join(series.directory, 'figures.json');
}

/** The cover letter with the tables that the figures give. */
export function coverWithFigures(cover: string, { tables }: Figures): string {
	return tables.reduce((text, { heading, lines }) => replaceTable(text, heading, lines), cover);
}

/**
 * Puts figures into a series: keeps them beside its patches, and their tables in its cover letter.
 * @returns the files that were written
 * @throws UserError if the series has no cover letter, or that has no place for a table
 */
export async function setFigures(series: Series, file: string): Promise<string[]> {
	if (series.cover === undefined) {
		throw new UserError(`the series ${series.name} has no cover letter`);
	}
	const figures = await readFigures(series, file);
	const cover = coverWithFigures(await readFile(series.cover, 'utf8'), figures);
	await writeWhole(figuresFile(series), `${JSON.stringify(figures.rows, undefined, '\t')}\n`);
	await writeWhole(series.cover, cover);
	return [figuresFile(series), series.cover];
}
