// SPDX-License-Identifier: GPL-2.0-only
/*
 * A message to a name goes to its owner, and never to who was that before, as soon as its sender
 * could know. What others do ends nobody's flows.
 */
import {
	allDaemons,
	defineBothWays,
	defineRowsBothWays,
	repeatUntil,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import { readDirect } from '../../src/dbus/direct-delivery.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import {
	callKind,
	exchange,
	receiveFrom,
	receiveReply,
	sendKind,
	settle,
} from '../../src/dbus/exchange.js';
import { allowReplacement, replaceExisting } from '../../src/dbus/name-requests.js';
import type { Peer } from '../../src/dbus/peer.js';
import { createPick, pickOne } from '../../src/dbus/random.js';
import { fieldText, messageType } from '../../src/dbus/wire.js';

const name = 'org.example.Name';

/** Who takes part: the first sends to the name, of which the second is the owner. */
interface Clients {
	bus: WayBus;
	from: Peer;
	owner: Peer;
	other: Peer;
}

/** What has the name go, and to whom; undefined for nobody. */
const goneRows: readonly {
	what: string;
	happens: (clients: Clients) => Peer | undefined;
}[] = [
	{
		what: 'it is released',
		happens: ({ owner }) => {
			owner.ask('ReleaseName', name);
			return undefined;
		},
	},
	{
		what: 'it is taken',
		happens: ({ other }) => {
			other.ask('RequestName', name, replaceExisting);
			return other;
		},
	},
	{
		what: 'it is released to who waits for it',
		happens: ({ owner, other }) => {
			other.ask('RequestName', name, 0);
			owner.ask('ReleaseName', name);
			return other;
		},
	},
	{
		what: 'its owner goes, and somebody waits for it',
		happens: ({ from, owner, other }) => {
			other.ask('RequestName', name, 0);
			owner.close();
			repeatUntil('the name is handed down', () => from.ask('GetNameOwner', name) === other.name);
			return other;
		},
	},
	{
		what: 'its owner goes',
		happens: ({ from, owner }) => {
			owner.close();
			repeatUntil('nobody has the name', () => from.ask('NameHasOwner', name) === 0);
			return undefined;
		},
	},
];

defineRowsBothWays(goneRows, ({ what, happens }) => ({
	title: `flows end: a name's flow, as ${what}`,
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, { shared: true });
		const clients = { bus, from: bus.connect(), owner: bus.connect(), other: bus.connect() };
		const { from, owner } = clients;
		owner.ask('RequestName', name, allowReplacement);
		const kind = callKind(name);
		bus.establish(from, owner, kind);
		const next = happens(clients);
		const seen = owner.arrived().length;
		if (next === undefined) {
			const reply = receiveReply(from, sendKind(from, kind));
			t.is(fieldText(reply, 'errorName'), 'org.freedesktop.DBus.Error.ServiceUnknown');
		} else {
			bus.establish(from, next, kind);
		}
		t.is(owner.arrived().length, seen);
	},
}));

defineBothWays({
	title: 'flows end: a unique name goes with its owner',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const other = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		to.close();
		repeatUntil('it has gone', () => other.ask('NameHasOwner', to.name) === 0);
		const reply = receiveReply(from, sendKind(from, kind));
		t.is(fieldText(reply, 'errorName'), 'org.freedesktop.DBus.Error.ServiceUnknown');
	},
});

defineBothWays({
	title: 'flows end: a name goes to and fro between calls',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const pick = createPick(3);
		const senders = [bus.connect(), bus.connect(), bus.connect()];
		const owners = [bus.connect(), bus.connect(), bus.connect()];
		const kind = callKind(name);
		let directly = 0;
		for (let round = 0; round < 25; round++) {
			const owner = pickOne(pick, owners);
			owner.ask('RequestName', name, allowReplacement | replaceExisting);
			const before = bus.direct()?.delivered ?? 0;
			for (let count = 0; count < 12; count++) {
				exchange(pickOne(pick, senders), owner, kind);
			}
			directly += (bus.direct()?.delivered ?? 0) - before;
			if (pick(3) === 0) {
				owner.ask('ReleaseName', name);
			}
		}
		settle(...owners);
		t.deepEqual(
			owners.flatMap((owner) => owner.waiting()),
			[],
		);
		t.true(way.direct ? directly > 25 : directly === 0, `${directly} directly`);
	},
});

defineBothWays({
	title: 'flows end: not by what others do',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const [from, owner, other] = [bus.connect(), bus.connect(), bus.connect()];
		owner.ask('RequestName', name, 0);
		const kinds = [callKind(name), callKind(owner.name)];
		for (const kind of kinds) {
			bus.establish(from, owner, kind);
		}
		const acts: (() => unknown)[] = [
			() => other.ask('RequestName', 'org.example.Other', 0),
			() => other.ask('ReleaseName', 'org.example.Other'),
			() => other.ask('RequestName', name, replaceExisting),
			() => other.ask('ReleaseName', name),
			() => other.ask('AddMatch', "type='signal'"),
			() => other.notify('RequestName', 'org.example.Other', 0),
			() => {
				exchange(other, owner, callKind(owner.name));
			},
			() => {
				bus.connect().close();
			},
		];
		for (const act of acts) {
			act();
			for (const kind of kinds) {
				bus.expectDirect({ delivered: 1, answered: 1 }, () => {
					exchange(from, owner, kind);
				});
			}
		}
		t.is(bus.direct()?.left.watched ?? 0, 0);
	},
});

defineBothWays({
	title: 'flows end: after their lifetime, used or not',
	daemons: allDaemons,
	check: async (t, way) => {
		const lifetimeMilliseconds = 100;
		const bus = await startWayBus(t, way, { lifetimeMilliseconds });
		const { from, to, kind } = connectFlow(bus);
		const before = bus.direct()?.left.flow ?? 0;
		const start = performance.now();
		repeatUntil('flows have ended', () => {
			exchange(from, to, kind);
			return performance.now() - start > 10 * lifetimeMilliseconds;
		});
		const ended = (bus.direct()?.left.flow ?? 0) - before;
		t.true(way.direct ? ended >= 5 : ended === 0, `${ended} ended`);
	},
});

defineBothWays({
	title: 'flows end: of who sends a request that wants no answer, his own',
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const { from, to, kind } = connectFlow(bus);
		from.notify('RequestName', name, 0);
		exchange(from, to, kind);
		bus.establish(from, to, kind);
		settle(from, to);
		t.is(to.ask('GetNameOwner', name), from.name);
		const serial = sendKind(from, kind);
		t.is(receiveFrom(to, from, serial).type, messageType.call);
		if (way.direct) {
			t.is(readDirect(bus).left.watched, 0);
		}
	},
});
