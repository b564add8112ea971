// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describeValue } from './describe-value.js';
import { stableNumbers, type StableSystemCallName } from './syscall-tables.js';

/** The calls that the cross-memory series adds: their numbers depend on the tree. */
export type NewSystemCallName = 'copy_from_process' | 'copy_to_process';

/** A system call that {@link systemCall} knows by name. */
export type SystemCallName = NewSystemCallName | StableSystemCallName;

/** Names the file with the running kernel's numbers; the guest run sets it. */
const fileVariable = 'FASTIPC_SYSCALL_NUMBERS';

const committedFile = fileURLToPath(
	import.meta.resolve('@fastipc/syscall-bindings/syscall-numbers.json'),
);

function readJson(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`system call numbers: ${file} can't be read as JSON: ${reason}`, {
			cause: error,
		});
	}
}

/**
 * Reads a file such as `{"copy_from_process": 473, "copy_to_process": 474}`.
 * @throws Error that names the file and what is wrong in it
 */
export function readNumbersFile(file: string): ReadonlyMap<string, number> {
	const content = readJson(file);
	if (typeof content !== 'object' || content === null || Array.isArray(content)) {
		throw new Error(
			`system call numbers: ${file} must hold an object such as {"copy_from_process": 473}, it holds ${describeValue(content)}`,
		);
	}
	const numbers = new Map<string, number>();
	for (const [name, number] of Object.entries(content)) {
		if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 0xffff) {
			throw new Error(
				`system call numbers: ${file}: "${name}" must be an integer from 0 to 65535, got ${describeValue(number)}`,
			);
		}
		numbers.set(name, number);
	}
	return numbers;
}

function requireNew(numbers: ReadonlyMap<string, number>, name: NewSystemCallName): number {
	const number = numbers.get(name);
	if (number === undefined) {
		throw new Error(`system call numbers: ${committedFile} lacks "${name}"`);
	}
	return number;
}

/**
 * The numbers that hold for an architecture: the ABI's, then the committed file's, then
 * those of `file`. What `file` doesn't name keeps the number it has without it (the
 * unpatched kernel's table has none for the new calls, and answers ENOSYS).
 * @throws Error for an architecture whose numbers aren't known, or a wrong file
 */
export function collectNumbers(
	architecture: string,
	file: string | undefined,
): Readonly<Record<SystemCallName, number>> {
	const stable = stableNumbers.get(architecture);
	if (stable === undefined) {
		const known = [...stableNumbers.keys()].join(' and ');
		throw new Error(
			`system call numbers: those of architecture ${architecture} aren't known, only those of ${known}; add them to syscall-tables.ts`,
		);
	}
	const committed = readNumbersFile(committedFile);
	const numbers: Record<SystemCallName, number> = {
		...stable,
		copy_from_process: requireNew(committed, 'copy_from_process'),
		copy_to_process: requireNew(committed, 'copy_to_process'),
	};
	return file === undefined || file === ''
		? numbers
		: { ...numbers, ...Object.fromEntries(readNumbersFile(file)) };
}

/**
 * System call numbers by name, for the architecture that Node runs on. Those of the new
 * calls come from the JSON file named by the environment variable
 * `FASTIPC_SYSCALL_NUMBERS` (a run in the guest sets it to the numbers of the tree that
 * was booted), else from `syscall-numbers.json` of this package.
 */
export const syscallNumbers: Readonly<Record<SystemCallName, number>> = Object.freeze(
	collectNumbers(process.arch, process.env[fileVariable]),
);
