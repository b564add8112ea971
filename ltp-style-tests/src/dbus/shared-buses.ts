// SPDX-License-Identifier: GPL-2.0-only
import { createTeardown } from '../teardown.js';
import { startBus, type Bus, type DaemonName } from './daemons.js';
import { startEcho } from './programs.js';

/** A bus on AF_UNIX, and one on AF_DBUS, of the same daemon, each with the service. */
export interface BusPair {
	plain: Bus;
	watched: Bus;
}

const pairs = new Map<DaemonName, Promise<BusPair>>();
const lastTeardown = createTeardown();

async function startPair(daemon: DaemonName): Promise<BusPair> {
	const [plain, watched] = await Promise.all([
		startBus(lastTeardown, daemon, 'AF_UNIX'),
		startBus(lastTeardown, daemon, 'AF_DBUS'),
	]);
	for (const end of await Promise.all([startEcho(plain), startEcho(watched)])) {
		lastTeardown.teardown(end);
	}
	return { plain, watched };
}

/** The buses that all tests of a daemon's share: to start them takes seconds in the guest. */
export function sharedBuses(daemon: DaemonName): Promise<BusPair> {
	const pair = pairs.get(daemon) ?? startPair(daemon);
	pairs.set(daemon, pair);
	return pair;
}

/** Ends them all, once the last test has. */
export async function endSharedBuses(): Promise<void> {
	await lastTeardown.end();
}
