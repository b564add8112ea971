// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';

/** The text of a saved sample in test/samples. */
export async function readSample(name: string): Promise<string> {
	// From test/helpers as from dist/test/helpers, where only the code is.
	const here = import.meta.url.replace('/dist/test/', '/test/');
	return await readFile(new URL(`../samples/${name}`, here), 'utf8');
}
