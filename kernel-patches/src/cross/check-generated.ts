// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readIfPresent } from '../files.js';
import { parseSystemCallTable } from '../system-call-table.js';
import type { Architecture } from './architectures.js';

/** The calls that the series add. */
export const newCalls = ['copy_from_process', 'copy_to_process'] as const;

/** Numbers by name. */
export type CallNumbers = Readonly<Record<string, number | undefined>>;

/** The numbers that the calls have on x86-64, and so, as all that came after 5.1, everywhere. */
export async function readNumbers(tree: string): Promise<CallNumbers> {
	const table = path.join(tree, 'arch/x86/entry/syscalls/syscall_64.tbl');
	return parseSystemCallTable(await readFile(table, 'utf8'));
}

/**
 * The entry of a call in a generated table of entry points, such as
 * `__SYSCALL(473, sys_copy_from_process)`.
 */
function numberInTable(text: string, call: string): number | undefined {
	const [, number] = new RegExp(`^__SYSCALL\\w*\\((\\d+), sys_${call}\\b`, 'm').exec(text) ?? [];
	return number === undefined ? undefined : Number(number);
}

/** The number of a call in a generated header. */
function numberInHeader(text: string, call: string): number | undefined {
	const [, number] = new RegExp(`^#define __NR_${call} (\\d+)$`, 'm').exec(text) ?? [];
	return number === undefined ? undefined : Number(number);
}

/**
 * Compares what was generated out of the tables with the numbers that the calls should have.
 * @param objects the build's folder
 * @returns a line for each difference
 */
export async function checkGenerated(
	{ folder, tables, headers }: Architecture,
	objects: string,
	numbers: CallNumbers,
): Promise<string[]> {
	const files = [
		...tables.map((name) => ({ name, find: numberInTable })),
		...headers.map((name) => ({ name, find: numberInHeader })),
	];
	const differences = files.map(async ({ name, find }) => {
		const text = await readIfPresent(path.join(objects, 'arch', folder, 'include/generated', name));
		if (text === undefined) {
			return [`${name} was not generated`];
		}
		return newCalls.flatMap((call) => {
			const [got, expected] = [find(text, call), numbers[call]];
			return got !== undefined && got === expected
				? []
				: [`${name}: ${call} has number ${got ?? 'none'}, expected ${expected ?? 'none'}`];
		});
	});
	return (await Promise.all(differences)).flat();
}
