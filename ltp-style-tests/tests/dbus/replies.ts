// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each call that wants a reply gets one: the callee's, or an error in the daemon's words.
 */
import type { ExecutionContext } from 'ava';
import {
	allDaemons,
	defineBothWays,
	defineRowsBothWays,
	repeatUntil,
	startWayBus,
	type Way,
	type WayBus,
	type WayOptions,
} from '../../src/dbus/both-ways.js';
import { byteArray } from '../../src/dbus/byte-array.js';
import { readDirect, setUntilEnd } from '../../src/dbus/direct-delivery.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import {
	callKind,
	encodeReply,
	exchange,
	isServed,
	receiveFrom,
	receiveReply,
	sendKind,
	sendReply,
	settle,
	type Kind,
} from '../../src/dbus/exchange.js';
import { driver, readArgument } from '../../src/dbus/message.js';
import type { Peer } from '../../src/dbus/peer.js';
import { mayAll, systemConfiguration } from '../../src/dbus/policies.js';
import { fieldText, messageType, noReplyExpected, type Received } from '../../src/dbus/wire.js';

/** Who takes part. */
interface Clients {
	bus: WayBus;
	caller: Peer;
	callee: Peer;
	other: Peer;
	kind: Kind;
}

async function startClients(
	t: ExecutionContext,
	way: Way,
	options: WayOptions = {},
): Promise<Clients> {
	const bus = await startWayBus(t, way, options);
	const other = bus.connect();
	const { from: caller, to: callee, kind } = connectFlow(bus);
	return { bus, caller, callee, other, kind };
}

/** A call that is on its way, directly where that may be. */
function callDirectly({ bus, caller, kind }: Clients, flags = 0): number {
	return bus.expectDirect({ delivered: 1 }, () => sendKind(caller, kind, { flags }));
}

/** An error as its receiver reads it. */
function errorOf(message: Received): unknown[] {
	const names = [fieldText(message, 'sender'), fieldText(message, 'errorName')];
	return [message.type, ...names, readArgument(message)];
}

const words = {
	'dbus-daemon': 'Message recipient disconnected from message bus without replying',
	'dbus-broker': 'Remote peer disconnected',
} as const;

defineRowsBothWays(['before it has read the call', 'before it has replied'], (when) => ({
	title: `replies: the callee goes ${when}`,
	daemons: allDaemons,
	check: async (t, way) => {
		const clients = await startClients(t, way);
		const { bus, caller, callee, kind } = clients;
		const serial = callDirectly(clients);
		if (when === 'before it has replied') {
			receiveFrom(callee, caller, serial);
		} else {
			// The daemon has delivered it by then, where it does.
			settle(caller);
		}
		bus.expectDirect({ failed: 1 }, () => {
			const before = bus.direct()?.failed ?? 0;
			callee.close();
			const reply = receiveReply(caller, serial);
			t.deepEqual(errorOf(reply), [
				messageType.error,
				driver,
				'org.freedesktop.DBus.Error.NoReply',
				words[way.daemon],
			]);
			t.is(fieldText(reply, 'destination'), caller.name);
			// It may be counted after it can be read.
			repeatUntil('it is counted', () => !way.direct || bus.direct()?.failed !== before);
		});
		// There is one answer, and nobody to call.
		settle(caller);
		t.deepEqual(caller.waiting(), []);
		const next = receiveReply(caller, sendKind(caller, kind));
		t.is(next.type, messageType.error);
	},
}));

/** What a client sends that nobody has asked for, or not from it. */
const strayRows: readonly {
	what: string;
	stray: (clients: Clients) => void;
}[] = [
	{
		what: 'a second reply',
		stray: ({ caller, callee, kind }) => {
			const call = receiveFrom(callee, caller, sendKind(caller, kind));
			sendReply(callee, call);
			receiveReply(caller, call.serial);
			sendReply(callee, call);
		},
	},
	{
		what: "a reply to another's call",
		stray: ({ caller, callee, other, kind }) => {
			const call = receiveFrom(callee, caller, sendKind(caller, kind));
			sendReply(other, call);
			settle(other, caller);
			sendReply(callee, call);
			receiveReply(caller, call.serial);
		},
	},
	{
		what: 'a reply with another serial',
		stray: ({ caller, callee, kind }) => {
			const call = receiveFrom(callee, caller, sendKind(caller, kind));
			sendReply(callee, { ...call, serial: call.serial + 1 });
			settle(callee, caller);
			sendReply(callee, call);
			receiveReply(caller, call.serial);
		},
	},
	{
		what: 'a reply to who has not called',
		stray: ({ caller, callee, other, kind }) => {
			const call = receiveFrom(callee, caller, sendKind(caller, kind));
			const to = { destination: other.name, replySerial: call.serial };
			callee.send(encodeReply(to, callee.nextSerial()));
			settle(callee, caller);
			sendReply(callee, call);
			receiveReply(caller, call.serial);
		},
	},
	{
		what: 'a reply to a call that wants none',
		stray: ({ caller, callee, kind }) => {
			const serial = sendKind(caller, kind, { flags: noReplyExpected });
			sendReply(callee, receiveFrom(callee, caller, serial));
		},
	},
	{
		what: 'a reply to a signal',
		stray: ({ caller, callee, kind }) => {
			const serial = sendKind(caller, { ...kind, type: 'signal' });
			sendReply(callee, receiveFrom(callee, caller, serial));
		},
	},
];

defineRowsBothWays(strayRows, ({ what, stray }) => ({
	title: `replies: ${what} arrives nowhere`,
	daemons: allDaemons,
	check: async (t, way) => {
		const clients = await startClients(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: mayAll }]),
		});
		const { caller, callee, other, kind } = clients;
		stray(clients);
		settle(callee, other, caller);
		t.deepEqual(caller.waiting(), []);
		t.deepEqual(
			[...other.waiting(), ...callee.waiting()].filter(({ type }) => type !== messageType.error),
			[],
		);
		for (const peer of [callee, other]) {
			while (peer.waiting().length > 0) {
				peer.receive();
			}
		}
		t.true(isServed(callee));
		exchange(caller, callee, kind);
	},
}));

defineBothWays({
	title: 'replies: the caller goes before it is replied to',
	daemons: allDaemons,
	check: async (t, way) => {
		const clients = await startClients(t, way);
		const { bus, caller, callee, other } = clients;
		const call = receiveFrom(callee, caller, callDirectly(clients));
		caller.close();
		while (other.ask('NameHasOwner', caller.name) !== 0);
		sendReply(callee, call);
		settle(callee, other);
		t.true(callee.waiting().every(({ type }) => type === messageType.error));
		t.deepEqual(other.waiting(), []);
		const { pending, queued } = bus.direct() ?? { pending: 0, queued: 0 };
		t.deepEqual([pending, queued], [0, 0]);
	},
});

const smallQueue = 65_536;

defineBothWays({
	title: "replies: the caller's queue is full",
	daemons: allDaemons,
	check: async (t, way) => {
		setUntilEnd(t, 'queue_max', smallQueue);
		const clients = await startClients(t, way);
		const { bus, caller, callee, other } = clients;
		const signal = callKind(caller.name, { type: 'signal' });
		bus.establish(other, caller, signal);
		const call = receiveFrom(callee, caller, callDirectly(clients));
		const sent: number[] = [];
		const full = (): boolean => {
			sent.push(sendKind(other, signal, byteArray(4000)));
			return way.direct ? readDirect(bus).left.full > 0 : sent.length > 20;
		};
		while (!full());
		const reply = bus.expectDirect({ delivered: 0, answered: 1 }, () =>
			sendReply(callee, call, byteArray(smallQueue)),
		);
		const signals: number[] = [];
		const replies: number[] = [];
		while (signals.length < sent.length || replies.length < 1) {
			const message = caller.receive();
			(message.type === messageType.signal ? signals : replies).push(message.serial);
		}
		t.deepEqual(signals, sent);
		t.deepEqual(replies, [reply]);
		settle(caller);
		t.deepEqual(caller.waiting(), []);
		exchange(caller, callee, clients.kind);
		t.is(bus.direct()?.pending ?? 0, 0);
	},
});

defineBothWays({
	title: 'replies: more calls than may wait for a reply',
	daemons: allDaemons,
	check: async (t, way) => {
		setUntilEnd(t, 'pending_max', 4);
		const clients = await startClients(t, way);
		const { bus, caller, callee, kind } = clients;
		const sent = Array.from({ length: 12 }, () => sendKind(caller, kind));
		if (way.direct) {
			t.is(readDirect(bus).pending, 4);
		}
		const calls = sent.map((serial) => receiveFrom(callee, caller, serial));
		const replies = calls.map((call) => sendReply(callee, call));
		t.deepEqual(
			sent.map(() => caller.receive().serial),
			replies,
		);
		settle(caller, callee);
		t.is(bus.direct()?.pending ?? 0, 0);
	},
});
