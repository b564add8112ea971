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

/**
 * What is wrong with how many messages the kernel delivered itself, a number for each program: were
 * it nothing at all, they would show nothing of direct delivery.
 */
export function findLackOfDelivery(delivered: readonly number[]): string | undefined {
	return delivered.some((count) => count > 0)
		? undefined
		: `in none of ${delivered.length} programs was a message delivered directly`;
}

const directly = 'messages delivered directly';

/** In how many runs the kernel delivered messages itself, and how many, in a line. */
export function describeDelivery(title: string, delivered: readonly number[]): string {
	const some = delivered.filter((count) => count > 0);
	const total = some.reduce((sum, count) => sum + count, 0);
	return `${title}: ${total} ${directly}, in ${some.length} of ${delivered.length} programs`;
}

/** Whether a line is one of {@link describeDelivery}. */
export function describesDelivery(line: string): boolean {
	return line.includes(` ${directly}, in `);
}
