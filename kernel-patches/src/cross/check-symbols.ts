// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { run } from '../run.js';
import type { Architecture } from './architectures.js';
import { newCalls } from './check-generated.js';

/**
 * Whether nm's output has a call's entry point.
 * @param kind nm's letter: T for a definition, W for one that another takes the place of
 */
export function definesCall(symbols: string, call: string, kind: 'T' | 'W'): boolean {
	return new RegExp(`^[0-9a-f]+ ${kind} \\w*sys_${call}$`, 'm').test(symbols);
}

/**
 * Looks for the entry points of the calls: always one that gives ENOSYS, in kernel/sys_ni.o, and the
 * one that takes its place where the calls are wanted.
 * @param compiled the objects that were
 * @returns a line for each that is missing
 */
export async function checkSymbols(
	{ prefix }: Architecture,
	compiled: readonly string[],
	objects: string,
): Promise<string[]> {
	const look = async (file: string, kind: 'T' | 'W'): Promise<string[]> => {
		const symbols = await run(`${prefix}nm`, [path.join(objects, file)]);
		return newCalls
			.filter((call) => !definesCall(symbols, call, kind))
			.map((call) => `${file} has no ${kind === 'W' ? 'weak ' : ''}entry point of ${call}()`);
	};
	const file = 'mm/cross_memory.o';
	return [
		...(await look('kernel/sys_ni.o', 'W')),
		...(compiled.includes(file) ? await look(file, 'T') : []),
	];
}
