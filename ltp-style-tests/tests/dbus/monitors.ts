// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who watches a bus sees all that is sent from when he was told that he does.
 */
import {
	allDaemons,
	defineBothWays,
	defineRowsBothWays,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import type { Family } from '../../src/dbus/daemons.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import { callKind, exchange, sendKind, settle } from '../../src/dbus/exchange.js';
import type { Peer } from '../../src/dbus/peer.js';
import { fieldText, type Received } from '../../src/dbus/wire.js';

const families: readonly Family[] = ['AF_DBUS', 'AF_UNIX'];

/** Where dbus-daemon has clients connect; dbus-broker has only one listener. */
const places = [
	{ listener: 'first', index: 0, daemons: allDaemons },
	{ listener: 'second', index: 1, daemons: ['dbus-daemon'] },
] as const;

const rows = families.flatMap((family) => places.map((place) => ({ family, ...place })));

/** Those of some messages that clients sent, by who sent them and the serial. */
function sentBy(peers: readonly Peer[], messages: readonly Received[]): string[] {
	const names = new Set(peers.map(({ name }) => name));
	return messages
		.filter((message) => names.has(fieldText(message, 'sender') ?? ''))
		.map((message) => `${fieldText(message, 'sender') ?? ''} ${message.serial}`);
}

/** Waits until a client has seen messages of others, in the order in which they come. */
function seeAll(watcher: Peer, peers: readonly Peer[], count: number): string[] {
	const seen: string[] = [];
	while (seen.length < count) {
		seen.push(...sentBy(peers, [watcher.receive()]));
	}
	return seen;
}

/** Two clients talk; returns who sent which serial. */
function talk(bus: WayBus, from: Peer, to: Peer, direct: boolean): string[] {
	const before = to.arrived().length;
	const beforeReplies = from.arrived().length;
	const times = 5;
	bus.expectDirect({ delivered: direct ? times : 0, answered: direct ? times : 0 }, () => {
		for (let time = 0; time < times; time++) {
			exchange(from, to, callKind(to.name));
		}
	});
	const calls = sentBy([from], to.arrived().slice(before));
	const replies = sentBy([to], from.arrived().slice(beforeReplies));
	return calls.flatMap((call, index) => [call, replies[index] ?? '']);
}

defineRowsBothWays(rows, ({ family, listener, index, daemons }) => ({
	title: `monitors: one on ${family} at the ${listener} listener sees everything`,
	daemons,
	check: async (t, way) => {
		const names = way.daemon === 'dbus-daemon' ? ['dbus-2'] : [];
		const bus = await startWayBus(t, way, { names });
		const { from, to, kind } = connectFlow(bus);
		const path = bus.paths[index] ?? bus.path;
		const monitor = bus.connect({ family, path });
		t.is(monitor.ask('BecomeMonitor', [], 0), '');
		const sent = talk(bus, from, to, false);
		t.deepEqual(seeAll(monitor, [from, to], sent.length), sent);
		monitor.close();
		settle(from, to);
		bus.establish(from, to, kind);
		talk(bus, from, to, way.direct);
	},
}));

defineRowsBothWays(rows, ({ family, listener, index }) => ({
	title: `monitors: an eavesdropper on ${family} at the ${listener} listener sees everything`,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, { names: ['dbus-2'] });
		const { from, to, kind } = connectFlow(bus);
		const path = bus.paths[index] ?? bus.path;
		const watcher = bus.connect({ family, path });
		t.is(watcher.ask('AddMatch', "eavesdrop='true'"), '');
		const sent = talk(bus, from, to, false);
		t.deepEqual(seeAll(watcher, [from, to], sent.length), sent);
		t.is(watcher.ask('RemoveMatch', "eavesdrop='true'"), '');
		settle(from, to);
		bus.establish(from, to, kind);
		talk(bus, from, to, way.direct);
		settle(watcher);
		const late = sentBy([from, to], watcher.waiting());
		t.deepEqual(late, []);
	},
}));

defineBothWays({
	title: 'monitors: one that wants no answer counts from when it asks',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const monitor = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		monitor.notify('BecomeMonitor', [], 0);
		t.true(talk(bus, from, to, false).length > 0);
		monitor.close();
		settle(from, to);
		bus.establish(from, to, kind);
	},
});

defineBothWays({
	title: 'monitors: a client on AF_UNIX sends and is sent everything as ever',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const [plain, watched] = [bus.connect({ family: 'AF_UNIX' }), bus.connect()];
		for (let time = 0; time < 5; time++) {
			exchange(plain, watched, callKind(watched.name));
			exchange(watched, plain, callKind(plain.name));
		}
		const serial = sendKind(plain, callKind(watched.name));
		t.is(watched.receive().serial, serial);
	},
});
