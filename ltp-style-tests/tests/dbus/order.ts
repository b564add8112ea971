// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one client sends another arrives in the order in which it was sent, whichever way it went.
 */
import { POLLIN } from '@fastipc/syscall-bindings';
import { makeServices } from '../../src/dbus/activated-services.js';
import {
	allDaemons,
	daemonProcess,
	defineBothWays,
	defineRowsBothWays,
	repeatUntil,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import { byteArray } from '../../src/dbus/byte-array.js';
import { sessionConfiguration } from '../../src/dbus/daemons.js';
import { setUntilEnd } from '../../src/dbus/direct-delivery.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import {
	callKind,
	exchange,
	receiveFrom,
	receiveReply,
	sendKind,
	sendReply,
	settle,
	type Kind,
} from '../../src/dbus/exchange.js';
import { waitFor, type Peer } from '../../src/dbus/peer.js';
import { createPick, pickOne, type Pick } from '../../src/dbus/random.js';
import { fieldText, messageType, noReplyExpected, type Received } from '../../src/dbus/wire.js';
import { whileStopped } from '../../src/process/stop-process.js';

const broadcastInterface = 'org.example.Broadcast';
const broadcast: Kind = {
	type: 'signal',
	path: '/org/example/Object',
	interface: broadcastInterface,
	member: 'Changed',
};
const clientCount = 5;

/** Names that have to be activated. */
const lateNames = Array.from({ length: 10 }, (_, index) => `org.example.Late${index}`);

/** A name of which the daemon keeps the messages until it has an owner. */
interface Late {
	name: string;
	/** Who will be its owner. */
	owner: Peer;
	/** What it waits with; undefined once it has its owner. */
	held: { from: Peer; serial: number }[] | undefined;
}

/** By sender and receiver, the serials of messages in their order. */
type Serials = Map<string, number[]>;

/** Clients that send each other everything, and what was sent. */
interface Crowd {
	bus: WayBus;
	peers: readonly Peer[];
	pick: Pick;
	sent: Serials;
	late: readonly Late[];
	/** Calls that have come and aren't answered. */
	calls: { at: Peer; call: Received }[];
}

/** Notes a message between two, by their names. */
function note(serials: Serials, from: string, to: string, serial: number): void {
	const pair = `${from} to ${to}`;
	const between = serials.get(pair) ?? [];
	between.push(serial);
	serials.set(pair, between);
}

/** Sends a message to a name that has to be activated. */
function sendLate({ peers, pick, sent, late }: Crowd): void {
	const [from, { name, owner, held }] = [pickOne(pick, peers), pickOne(pick, late)];
	const serial = sendKind(from, callKind(name, { type: pick(2) === 0 ? 'signal' : 'call' }));
	if (held === undefined) {
		note(sent, from.name, owner.name, serial);
	} else {
		held.push({ from, serial });
	}
}

/**
 * Gives a name its owner. What waited for it comes then, after all that was sent meanwhile and the
 * daemon has read.
 */
function activateOne({ peers, sent, late }: Crowd): void {
	const next = late.find(({ held }) => held !== undefined);
	if (next?.held !== undefined) {
		settle(...peers);
		next.owner.ask('RequestName', next.name, 0);
		for (const { from, serial } of next.held) {
			note(sent, from.name, next.owner.name, serial);
		}
		next.held = undefined;
	}
}

/** Sends one message of whatever kind. */
function sendAnything(crowd: Crowd, largest: number): void {
	const { peers, pick, sent } = crowd;
	const [from, to] = [pickOne(pick, peers), pickOne(pick, peers)];
	const way = pick(16);
	if (way === 0) {
		const serial = sendKind(from, broadcast);
		for (const peer of peers) {
			note(sent, from.name, peer.name, serial);
		}
		return;
	}
	if (way === 13 && crowd.late.length > 0) {
		sendLate(crowd);
		return;
	}
	const member = way < 3 ? `New${pick(1000)}` : `Usual${pick(2)}`;
	const kind = callKind(to.name, { member, type: way < 6 ? 'signal' : 'call' });
	const length = way >= 12 ? pick(largest) : pick(100);
	const flags = way === 14 ? noReplyExpected : 0;
	note(sent, from.name, to.name, sendKind(from, kind, { ...byteArray(length), flags }));
}

/** Has a client look at what has come, and take the calls among it. */
function look({ calls }: Crowd, at: Peer): void {
	for (const message of at.waiting().slice()) {
		at.receive();
		if (message.type === messageType.call && message.flags !== noReplyExpected) {
			calls.push({ at, call: message });
		}
	}
}

/** Answers a call that has come, if there is one. */
function answerOne(crowd: Crowd, largest: number): void {
	const { calls, peers, pick, sent } = crowd;
	const [next] = calls.splice(pick(Math.max(calls.length, 1)), 1);
	const caller = peers.find(({ name }) => name === fieldText(next?.call ?? noMessage, 'sender'));
	if (next !== undefined && caller !== undefined) {
		const serial = sendReply(next.at, next.call, byteArray(pick(pick(8) === 0 ? largest : 50)));
		note(sent, next.at.name, caller.name, serial);
	}
}

const noMessage: Received = {
	bytes: Buffer.alloc(0),
	order: 'little',
	type: 0,
	flags: 0,
	serial: 0,
	fields: [],
	body: Buffer.alloc(0),
};

/** The daemon forgets none of them: it takes 128 calls of a client that nobody has answered. */
const mostCalls = 20;

function goOn(crowd: Crowd, steps: number, largest: number): void {
	for (let step = 0; step < steps; step++) {
		sendAnything(crowd, largest);
		if (crowd.pick(2) === 0) {
			look(crowd, pickOne(crowd.pick, crowd.peers));
		}
		while (crowd.calls.length > crowd.pick(mostCalls)) {
			answerOne(crowd, largest);
		}
	}
}

/** What arrived. */
function arrivals({ peers }: Crowd): Serials {
	const arrived: Serials = new Map();
	for (const to of peers) {
		for (const message of to.arrived()) {
			const sender = fieldText(message, 'sender') ?? '';
			if (sender.startsWith(':')) {
				note(arrived, sender, to.name, message.serial);
			}
		}
	}
	return arrived;
}

/** As an object, with the pairs in an order of their own. */
function sorted(pairs: Serials): Record<string, number[]> {
	return Object.fromEntries([...pairs].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function startCrowd(bus: WayBus, names: readonly string[]): Crowd {
	const pick = createPick(7);
	const peers = Array.from({ length: clientCount }, () => bus.connect());
	for (const peer of peers) {
		peer.ask('AddMatch', `type='signal',interface='${broadcastInterface}'`);
	}
	const late = names.map((name): Late => ({ name, owner: pickOne(pick, peers), held: [] }));
	return { bus, peers, pick, sent: new Map(), late, calls: [] };
}

defineRowsBothWays(
	[
		{ room: 'room', queue: 8_388_608 },
		{ room: 'little room', queue: 32_768 },
	],
	({ room, queue }) => ({
		title: `order: many clients send each other everything, with ${room} for it`,
		daemons: allDaemons,
		check: async (t, way) => {
			setUntilEnd(t, 'queue_max', queue);
			// dbus-broker has systemd activate services.
			const names = way.daemon === 'dbus-daemon' ? lateNames : [];
			const bus = await startWayBus(t, way, {
				lifetimeMilliseconds: 1000,
				configuration: `${sessionConfiguration}${await makeServices(t, names)}`,
			});
			const crowd = startCrowd(bus, names);
			const pid = daemonProcess(bus);
			for (let round = 0; round < 6; round++) {
				goOn(crowd, 60, 100_000);
				activateOne(crowd);
				goOn(crowd, 10, 100_000);
				activateOne(crowd);
				// Nothing large, which would have to wait for room, nor anything that it has not read.
				settle(...crowd.peers);
				whileStopped(pid, () => {
					goOn(crowd, 15, 200);
				});
			}
			settle(...crowd.peers);
			t.deepEqual(sorted(arrivals(crowd)), sorted(crowd.sent));
			const direct = bus.direct();
			if (way.direct) {
				t.true((direct?.delivered ?? 0) > 20 && (direct?.left.flow ?? 0) > 20);
			}
		},
	}),
);

defineBothWays({
	title: 'order: a broadcast is seen before the reply that follows it',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const service = bus.connect();
		const kind = callKind(service.name);
		// The kernel may leave two alone for a while of which that was seen: so each is another.
		for (let round = 0; round < 8; round++) {
			const client = bus.connect();
			client.ask('AddMatch', `type='signal',interface='${broadcastInterface}'`);
			bus.establish(client, service, kind);
			const serial = bus.expectDirect({ delivered: 1 }, () => {
				const sent = sendKind(client, kind);
				const call = receiveFrom(service, client, sent);
				sendKind(service, broadcast);
				sendReply(service, call);
				return sent;
			});
			t.is(client.receive().type, messageType.signal);
			receiveReply(client, serial);
			client.close();
		}
	},
});

defineBothWays({
	title: 'order: who broadcast before a reply is called directly again',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, { lifetimeMilliseconds: 200 });
		const [service, client] = [bus.connect(), bus.connect()];
		const kind = callKind(service.name);
		client.ask('AddMatch', `type='signal',interface='${broadcastInterface}'`);
		exchange(client, service, kind);
		const serial = sendKind(client, kind);
		const call = receiveFrom(service, client, serial);
		sendKind(service, broadcast);
		sendReply(service, call);
		t.is(client.receive().type, messageType.signal);
		receiveReply(client, serial);
		const before = bus.direct()?.delivered ?? 0;
		repeatUntil('a call goes directly', () => {
			exchange(client, service, kind);
			return !way.direct || (bus.direct()?.delivered ?? 0) > before;
		});
		t.is((bus.direct()?.delivered ?? 0) > 0, way.direct);
	},
});

/** More than fits into a client's socket. */
const large = 2_000_000;

defineBothWays({
	title: 'order: a reply waits behind a message of which the daemon has written a part',
	daemons: allDaemons,
	check: async (t, way) => {
		setUntilEnd(t, 'message_max', 65_536);
		const bus = await startWayBus(t, way);
		const { from: client, to: service, kind } = connectFlow(bus);
		const serial = bus.expectDirect({ delivered: 1 }, () => sendKind(client, kind));
		const call = receiveFrom(service, client, serial);
		const signal = callKind(client.name, { type: 'signal' });
		const sent = sendKind(service, signal, byteArray(large));
		waitFor(client.descriptor, POLLIN, 'the first part');
		// It writes as much as fits before it comes back to others.
		for (let turn = 0; turn < 3; turn++) {
			service.ask('GetId');
		}
		const replied = whileStopped(daemonProcess(bus), () => {
			const reply = sendReply(service, call);
			t.deepEqual(client.waiting(), []);
			return reply;
		});
		t.is(receiveFrom(client, service, sent).body.length, 4 + large);
		t.is(receiveReply(client, serial).serial, replied);
	},
});

const activated = 'org.example.Activated';

defineBothWays({
	title: 'order: what waited for a service to be activated comes before what follows',
	check: async (t, way) => {
		const configuration = `${sessionConfiguration}${await makeServices(t, [activated])}`;
		const bus = await startWayBus(t, way, { configuration });
		const [client, service] = [bus.connect(), bus.connect()];
		const kind = callKind(activated);
		const direct = callKind(service.name);
		const sent = [sendKind(client, kind), sendKind(client, kind)];
		bus.establish(client, service, direct);
		sent.push(sendKind(client, kind));
		service.ask('RequestName', activated, 0);
		sent.push(sendKind(client, direct), sendKind(client, kind));
		t.deepEqual(
			sent.map(() => service.receive().serial),
			sent,
		);
		settle(client, service);
		t.deepEqual(service.waiting(), []);
		bus.establish(client, service, kind);
	},
});

defineBothWays({
	title: 'order: who hears from two of the same thing hears each in its order',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const [first, second, third] = [bus.connect(), bus.connect(), bus.connect()];
		third.ask('AddMatch', `type='signal',interface='${broadcastInterface}'`);
		const [toSecond, toThird] = [callKind(second.name), callKind(third.name)];
		let overtaken = 0;
		for (let round = 0; round < 30; round++) {
			exchange(first, second, toSecond);
			exchange(second, third, toThird);
			const announced = sendKind(first, broadcast);
			const passedOn = sendKind(first, toSecond);
			receiveFrom(second, first, passedOn);
			const heard = sendKind(second, toThird);
			const messages = [third.receive(), third.receive()];
			const [fromFirst] = messages.filter((message) => fieldText(message, 'sender') === first.name);
			t.is(fromFirst?.serial, announced);
			t.true(messages.some(({ serial }) => serial === heard));
			overtaken += messages[0] === fromFirst ? 0 : 1;
			settle(first, second, third);
			t.deepEqual(third.waiting(), []);
		}
		t.log(`of 30 broadcasts ${overtaken} were overtaken by what came of them`);
		// The order is kept between two; the daemon alone keeps it among three.
		t.true(way.direct || overtaken === 0);
	},
});
