// SPDX-License-Identifier: GPL-2.0-only
import { nativePath } from '@fastipc/native';
import { syscallNumbers } from '@fastipc/syscall-bindings';
import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Teardown } from '../teardown.js';
import { makeTemporaryFolder } from '../temporary-folder.js';

/** What process-vm-compare saw, and what the preloaded library counted meanwhile. */
export interface PreloadComparison {
	/** How often there was which result; `whole` and `partial` are counts of bytes. */
	results: ReadonlyMap<string, number>;
	/** Such as `copy_from_process_calls`. */
	counts: ReadonlyMap<string, number>;
}

const library = 'libprocess-vm-preload.so';

/**
 * Has process-vm-compare call process_vm_readv() and process_vm_writev() through the preloaded
 * library and past it, with the same random arguments.
 * @throws Error with the arguments and the difference, where there is one
 */
export async function comparePreload(
	test: Teardown,
	parameters: readonly string[],
): Promise<PreloadComparison> {
	const directory = await makeTemporaryFolder(test, 'preload-');
	// Root's process-vm-compare becomes nobody, and writes the counts as such.
	await chmod(directory, 0o777);
	const { copy_from_process, copy_to_process } = syscallNumbers;
	const numbers = path.join(directory, 'numbers.json');
	await writeFile(numbers, JSON.stringify({ copy_from_process, copy_to_process }));
	const counts = path.join(directory, 'counts');
	const { stdout } = await promisify(execFile)(
		nativePath('process-vm-compare'),
		[...parameters, '--library', library],
		{
			env: {
				LD_PRELOAD: nativePath(library),
				FASTIPC_COPY_COUNTS: counts,
				FASTIPC_SYSCALL_NUMBERS: numbers,
			},
		},
	);
	return {
		results: numbersIn(stdout),
		counts: numbersIn(await readFile(counts, 'utf8')),
	};
}

/** What a flat JSON object has of numbers. */
function numbersIn(line: string): ReadonlyMap<string, number> {
	const value: unknown = JSON.parse(line);
	if (typeof value !== 'object' || value === null) {
		throw new Error(`process-vm-compare: expected a JSON object, got ${line}`);
	}
	return new Map(
		Object.entries(value).flatMap(([name, number]) =>
			typeof number === 'number' ? [[name, number]] : [],
		),
	);
}
