// SPDX-License-Identifier: GPL-2.0-only
/*
 * The proof that others were on the bus, and how: the kernel's own counters, without which a figure
 * of an empty bus could pass for one of a full bus.
 */
import { UserError } from '@fastipc/kernel-patches';
import type { Figure } from './figures.js';

/** What the crowd's measurement has besides its own flow. */
const crowdFlows = 100_000;

function requireCrowd(flows = 0): void {
	if (flows < crowdFlows) {
		throw new UserError(
			`the crowd was to have ${crowdFlows} flows, the kernel knew ${flows}: what is net.dbus.flows_max?`,
		);
	}
}

/** Nobody else has anything unread before the calls, or after them. */
function requireFullReader(counters: Readonly<Record<string, number>>, queueMax: number): void {
	const { queued = 0, left_full: leftFull = 0 } = counters;
	if (leftFull === 0 || queued === 0) {
		throw new UserError(
			`the reader that has stopped was to have its quota full; ${queued} bytes were unread, and ${leftFull} messages were left to the daemon for that`,
		);
	}
	if (queued > queueMax) {
		throw new UserError(
			`the reader that has stopped has ${queued} bytes unread, net.dbus.queue_max is ${queueMax}`,
		);
	}
}

/**
 * Looks at what the kernel counted of the others on the bus, if the workload has any.
 * @param queueMax net.dbus.queue_max, in bytes
 * @throws UserError if the crowd wasn't there, if the reader that has stopped wasn't full, or if it
 *   had more than its quota
 */
export function requireOthers({ workload, counters }: Figure, queueMax: number | null): void {
	if (workload === 'crowded') {
		requireCrowd(counters?.after['flows']);
	}
	if (workload === 'stopped-reader') {
		for (const moment of ['before', 'after'] as const) {
			requireFullReader(counters?.[moment] ?? {}, queueMax ?? 0);
		}
	}
}
