// SPDX-License-Identifier: GPL-2.0-only
// Where a process is, as /proc tells: to go on when it is there. These ask again and again, as there
// is nothing to wait for.
import { readFile } from 'node:fs/promises';

/** Waits until a process sleeps in the system call of a number. */
export async function untilAsleepIn(pid: number, number: number): Promise<void> {
	let line = '';
	while (!line.startsWith(`${number} `)) {
		// "running" where it doesn't sleep.
		line = await readFile(`/proc/${pid}/syscall`, 'ascii');
	}
}

/**
 * Waits until the memory of a process is a new program's that has no arguments yet. Most other
 * files of /proc/PID wait for its execve(2) to be over.
 */
export async function untilMemoryIsNew(pid: number): Promise<void> {
	while ((await readFile(`/proc/${pid}/cmdline`, 'ascii')) !== '') {
		// Not yet.
	}
}
