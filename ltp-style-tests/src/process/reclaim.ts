// SPDX-License-Identifier: GPL-2.0-only
import { errnoName, MADV_PAGEOUT, systemCall } from '@fastipc/syscall-bindings';
import { pageEntries } from './page-state.js';
import { pageSize } from './pattern.js';
import type { TestProcess } from './test-process.js';

const SYS_migrate_pages = 256;
const attempts = 20;

/**
 * Has the kernel take pages away from a process, to swap where they have to be kept.
 * @throws Error if one of them stays
 */
export async function reclaim(
	process: TestProcess,
	address: bigint,
	length: number,
): Promise<void> {
	const present = () =>
		pageEntries(process.id, address, length / pageSize).filter((entry) => entry.present).length;
	// A page that somebody looks at for a moment is left out.
	for (let attempt = 0; attempt < attempts && present() > 0; attempt++) {
		emptyPageBatches();
		await process.advise(address, length, MADV_PAGEOUT);
	}
	if (present() > 0) {
		throw new Error(
			`process ${process.id}: ${present()} of ${length / pageSize} pages at ` +
				`0x${address.toString(16)} are still in memory after ${attempts} × MADV_PAGEOUT`,
		);
	}
}

/**
 * Each processor has pages on their way to the lists of reclaim, which it passes over until they
 * are there; so does MADV_FREE (folio_mark_lazyfree() in mm/folio.c). Moving pages between nodes
 * begins with emptying these batches, even where there is only one node.
 * @throws Error if that fails
 */
export function emptyPageBatches(): void {
	const node = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
	const { returned, errno } = systemCall(SYS_migrate_pages, 0n, 64n, node, node);
	if (returned === -1n) {
		throw new Error(`migrate_pages() from node 0 to node 0 failed: ${errnoName(errno)}`);
	}
}
