// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';

/** The text of a saved sample in test/samples. */
export async function readSample(name: string): Promise<string> {
	const packageFile = import.meta.resolve('@fastipc/kernel-patches/package.json');
	return await readFile(new URL(`test/samples/${name}`, packageFile), 'utf8');
}
