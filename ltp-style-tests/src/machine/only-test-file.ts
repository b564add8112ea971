// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { startProcess } from '../process/test-process.js';
import type { Teardown } from '../teardown.js';

/**
 * Waits until AVA runs no other test file, for what would disturb one. It is for the file that
 * AVA begins last (ava.guest.config.js says which); in any other, more could come.
 */
export async function untilOnlyTestFile(t: Teardown): Promise<void> {
	const others = childrenOf(process.ppid).filter((pid) => pid !== process.pid);
	if (others.length === 0) {
		return;
	}
	const waiter = await startProcess(t);
	for (const pid of others) {
		await waiter.awaitEnd(pid);
	}
}

/** The children of a process's first thread, such as AVA's, which runs each test file in one. */
function childrenOf(pid: number): number[] {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'ascii');
	return children.split(' ').filter(Boolean).map(Number);
}
