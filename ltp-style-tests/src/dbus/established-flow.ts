// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tests of direct delivery begin with: two clients, and messages from the one to the other
 * that the kernel already delivers, where it may.
 */
import type { WayBus } from './both-ways.js';
import { callKind, type Kind } from './exchange.js';
import type { Peer } from './peer.js';

/** Who sends messages of which kind to whom. */
export interface EstablishedFlow {
	from: Peer;
	to: Peer;
	kind: Kind;
}

/**
 * Connects two clients to a bus, and has the one send the other calls until the kernel delivers
 * them, where it may. Who else is to be there when that begins must be connected before.
 * @param more in what the messages differ from the usual calls
 * @throws Error if the kernel never delivers one
 */
export function connectFlow(bus: WayBus, more: Kind = {}): EstablishedFlow {
	const [from, to] = [bus.connect(), bus.connect()];
	const kind = callKind(to.name, more);
	bus.establish(from, to, kind);
	return { from, to, kind };
}
