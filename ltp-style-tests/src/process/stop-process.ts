// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';

/** The states of a process's threads, such as `S` or `T`. */
function statesOf(pid: number): string[] {
	return readdirSync(`/proc/${pid}/task`).map((thread) => {
		const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
		// The program's name, which comes first, may have anything in it.
		return text.charAt(text.lastIndexOf(')') + 2);
	});
}

/**
 * Does something while a process is stopped; when it begins, the process does nothing any more.
 * It goes on when this returns.
 */
export function whileStopped<Result>(pid: number, act: () => Result): Result {
	process.kill(pid, 'SIGSTOP');
	try {
		while (statesOf(pid).some((state) => state !== 'T'));
		return act();
	} finally {
		process.kill(pid, 'SIGCONT');
	}
}
