// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, writeFileSync } from 'node:fs';

const poolFile = '/proc/sys/vm/nr_hugepages';

/**
 * Adds pages to the pool of hugetlb for as long as something takes.
 * @returns puts the pool back
 * @throws Error if there isn't as much memory in one piece
 */
export function growHugePagePool(pages: number): () => void {
	const before = Number(readFileSync(poolFile, 'ascii'));
	const wanted = before + pages;
	writeFileSync(poolFile, String(wanted));
	const got = Number(readFileSync(poolFile, 'ascii'));
	if (got < wanted) {
		writeFileSync(poolFile, String(before));
		throw new Error(`${poolFile}: asked for ${wanted} huge pages, got ${got}`);
	}
	return () => {
		writeFileSync(poolFile, String(Number(readFileSync(poolFile, 'ascii')) - pages));
	};
}
