// SPDX-License-Identifier: GPL-2.0-only
import {
	readDbusListing,
	type ListedBus,
	type ListedConnection,
} from '@fastipc/syscall-bindings/dbus-listing';
import { readFileSync } from 'node:fs';

import type { Bus } from './daemons.js';

/** What the kernel lists of one bus. */
export interface BusAsListed {
	bus: ListedBus;
	connections: ListedConnection[];
	/** Of each name its owner, or `-`, and those who wait for it. */
	queues: Map<string, string[]>;
}

/** Whose child a process is. Its program's name, which comes first, may have anything in it. */
function parentOf(pid: number): number {
	const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
	return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Of dbus-broker, it is the launcher's child that accepts. */
function isRunBy(listed: ListedBus, { pid }: Bus): boolean {
	return listed.pid === pid || (listed.pid > 0 && parentOf(listed.pid) === pid);
}

/**
 * What the kernel lists of a bus that is on AF_DBUS, once it has had a client.
 * @throws Error unless it lists exactly one bus of the process
 */
export function busAsListed(of: Bus): BusAsListed {
	const { buses, connections, names } = readDbusListing();
	const [bus, ...others] = buses.filter((listed) => isRunBy(listed, of));
	if (bus === undefined || others.length > 0) {
		throw new Error(
			`one bus of process ${of.pid} must be listed, there are ${
				bus === undefined ? 0 : 1 + others.length
			}`,
		);
	}
	return {
		bus,
		connections: connections.filter((connection) => connection.bus === bus.id),
		queues: new Map(
			names
				.filter((name) => name.bus === bus.id)
				.map(({ name, owner, waiting }) => [name, [owner ?? '-', ...waiting]]),
		),
	};
}
