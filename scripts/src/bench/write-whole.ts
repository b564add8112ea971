// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a result whole or not at all: whoever reads the file sees the former one or this one.
 * @param file made together with its folder, or replaced
 * @throws a system error, after which nothing half-written is left
 */
export async function writeWhole(file: string, text: string): Promise<void> {
	const part = `${file}.${process.pid}.part`;
	await mkdir(path.dirname(path.resolve(file)), { recursive: true });
	try {
		await writeFile(part, text);
		await rename(part, file);
	} catch (error) {
		await rm(part, { force: true });
		throw error;
	}
}
