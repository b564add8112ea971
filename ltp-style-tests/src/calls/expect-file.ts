// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { readFileInto, type OpenMode } from '../process/files.js';
import { pageSize, seedAt } from '../process/pattern.js';
import type { TestProcess } from '../process/test-process.js';
import type { Afterwards } from './memory-kinds.js';

/** A file that was mapped while a copy was made, and what it held before. */
export interface MappedFile {
	path: string;
	/** `direct`: what is on the disk. */
	mode: OpenMode;
	/** Its length in bytes, a multiple of 4. */
	length: number;
	before: { seed: number } | { byte: number };
}

/**
 * Asserts what a file holds after a copy.
 * @param reader reads it into memory of its own
 * @param copy what was copied; `written`: whether it was to reach the file
 */
export async function expectFile(
	t: ExecutionContext,
	reader: TestProcess,
	file: MappedFile,
	copy: Pick<Afterwards, 'written' | 'offset' | 'length' | 'seed'>,
): Promise<void> {
	const { path, mode, length, before } = file;
	const memory = await readFileInto(reader, path, mode, length);
	const old = (from: number, to: number) => {
		const address = memory + BigInt(from);
		return 'seed' in before
			? reader.check(address, to - from, seedAt(before.seed, from))
			: reader.all(address, to - from, before.byte);
	};
	if (copy.written) {
		const { offset } = copy;
		const end = Math.min(offset + copy.length, length);
		const fresh = await reader.check(memory + BigInt(offset), end - offset, copy.seed);
		t.is(fresh, 'same', 'what was written is in the file');
		t.is(await old(0, offset), 'same', 'the file before it');
		const behind = Math.min(Math.ceil(end / 4) * 4, length);
		t.is(await old(behind, length), 'same', 'the file behind it');
	} else {
		t.is(await old(0, length), 'same', 'the file is as it was');
	}
	await reader.unmap(memory, Math.ceil(length / pageSize) * pageSize);
}
