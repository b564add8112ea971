// SPDX-License-Identifier: GPL-2.0-only
/*
 * The proof that messages went directly: the kernel's own counters, without which a figure of the
 * daemon's way could pass for one of direct delivery.
 */
import { UserError } from '@fastipc/kernel-patches';
import { figureName, type Figure } from './figures.js';
import type { Measurement } from './plan.js';
import { inFlight, isAnswered } from './subjects.js';

/**
 * A socket's buffer of the usual size, which libdbus leaves as it is, doesn't take so many bytes at
 * once.
 */
const moreThanFits = 128 * 1024;

/**
 * Whether the kernel may leave all messages of a figure to the daemon: those that come in pieces, and
 * those of a sender that never pauses and always has more of them than its socket takes, for then the
 * daemon may never have passed on all that went before.
 */
function mayBeTheDaemons({ client, workload, bytes }: Figure): boolean {
	const atOnce = workload === 'pipelined' ? bytes * inFlight(workload) : bytes;
	return client === 'libdbus' && atOnce > moreThanFits;
}

/** By how much a counter rose. */
function rise({ counters }: Figure, name: string): number {
	const [before, after] = [counters?.before[name], counters?.after[name]];
	if (before === undefined || after === undefined) {
		throw new UserError(`/proc/net/dbus of this kernel doesn't count '${name}'`);
	}
	return after - before;
}

/**
 * How many messages may go through the daemon: whenever a flow has ended, those that are under way
 * until it is learned again. A call's flow is learned when its reply has come, and what follows
 * may have to wait until what went before is settled.
 */
export function mayBeSlow(
	{ messages, nanoseconds, workload }: Figure,
	{ lifetimeMs }: Pick<Measurement, 'lifetimeMs'>,
): number {
	const lives = Math.floor((messages * nanoseconds) / (lifetimeMs * 1e6)) + 1;
	return 2 * inFlight(workload) * lives;
}

/** Why messages were left to the daemon, in words. */
function reasons(figure: Figure): string {
	return Object.keys(figure.counters?.after ?? {})
		.filter((name) => name.startsWith('left_') && rise(figure, name) > 0)
		.map((name) => `${name.slice('left_'.length)} ${rise(figure, name)}`)
		.join(', ');
}

/** Calls of the client `raw` count as two messages, one each way. */
function callsOf({ client, messages, workload }: Figure): number {
	return client === 'raw' && isAnswered(workload) ? messages / 2 : messages;
}

/**
 * Looks at what the kernel counted during a measurement on AF_DBUS, unless the messages are such
 * that it may leave all of them to the daemon.
 * @throws UserError if fewer messages went directly than had to
 */
export function requireDirect(figure: Figure, measurement: Measurement): void {
	if (mayBeTheDaemons(figure)) {
		return;
	}
	const calls = callsOf(figure);
	const expected = Math.max(1, calls - mayBeSlow(figure, measurement));
	for (const counter of ['delivered', ...(isAnswered(figure.workload) ? ['answered'] : [])]) {
		const direct = rise(figure, counter);
		if (direct < expected) {
			throw new UserError(
				`${figureName(figure)}: the kernel has ${counter} ${direct} of ${calls} messages, at least ${expected} were expected; those left to the daemon, by reason: ${reasons(figure)}`,
			);
		}
	}
}
