// SPDX-License-Identifier: GPL-2.0-only
import type { Results } from './programs.js';
import type { Seen } from './watch.js';

/** How a program ended, and what it said. */
export interface Outcome {
	/** The exit status; undefined if it was killed, for taking too long. */
	status: number | undefined;
	results: Results;
}

function sameResults(first: Results, second: Results): boolean {
	return first.passed === second.passed && first.skipped === second.skipped;
}

function describe({ passed, failed, skipped }: Results): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What is wrong with a program's run, if anything is. */
export function findFault({ status, results }: Outcome): string | undefined {
	if (status === undefined) {
		return 'it took too long';
	}
	if (status !== 0) {
		return `it ended with status ${status}`;
	}
	return results.failed > 0 ? describe(results) : undefined;
}

/** What is wrong with a run on AF_DBUS: a program must do there what it does on AF_UNIX. */
export function findDifference(unix: Outcome, dbus: Outcome, seen: Seen): string | undefined {
	const fault = findFault(dbus);
	if (fault !== undefined) {
		return fault;
	}
	if (!sameResults(unix.results, dbus.results)) {
		return `${describe(dbus.results)}; on AF_UNIX ${describe(unix.results)}`;
	}
	return seen.daemons > 0 && seen.accepted === 0
		? `it started a bus daemon ${seen.daemons} times, and none accepted an AF_DBUS connection`
		: undefined;
}
