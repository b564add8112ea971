// SPDX-License-Identifier: GPL-2.0-only
/*
 * What arrives is what the daemon would have sent, byte for byte.
 */
import type { ExecutionContext } from 'ava';
import { allDaemons, defineBothWays, startWayBus, type Way } from '../../src/dbus/both-ways.js';
import {
	callKind,
	encodeKind,
	encodeReply,
	receiveFrom,
	receiveReply,
	replyTo,
	settle,
	type Kind,
	type Particulars,
} from '../../src/dbus/exchange.js';
import { driver } from '../../src/dbus/message.js';
import type { Peer } from '../../src/dbus/peer.js';
import { randomBody } from '../../src/dbus/random-messages.js';
import { createPick, pickOne, type Pick } from '../../src/dbus/random.js';
import { playThroughDaemon } from '../../src/dbus/through-daemon.js';
import { messageType, noReplyExpected, type Received } from '../../src/dbus/wire.js';

const noAutoStart = 2;
const messages = 250;
const longName = `org.example.${'Long'.repeat(50)}`;

/** Few kinds, so that most messages are of one that was delivered before. */
function kindsTo(names: readonly string[]): Kind[] {
	return names.flatMap((destination) => [
		callKind(destination),
		callKind(destination, { interface: undefined, path: '/' }),
		callKind(destination, { type: 'signal', member: 'S' }),
	]);
}

function randomParticulars(pick: Pick): Particulars {
	const order = pickOne(pick, ['little', 'big'] as const);
	return { order, ...randomBody(pick, order) };
}

/** A flag that makes nothing different for the daemons here, at times. */
function randomFlags(pick: Pick): number {
	return pickOne(pick, [0, 0, 0, noAutoStart]);
}

function answer(pick: Pick, from: Peer, to: Peer, call: Received): void {
	const error = pick(4) === 0 ? { error: 'org.example.Error.Random' } : {};
	const serial = from.nextSerial();
	const particulars = { flags: pick(2), ...randomParticulars(pick) };
	from.send(encodeReply({ ...replyTo(call), ...error }, serial, particulars));
	receiveReply(to, call.serial);
}

function sendRandom(pick: Pick, from: Peer, to: Peer, kinds: readonly Kind[]): void {
	const kind = pickOne(pick, kinds);
	const quiet = kind.type === 'signal' || pick(5) === 0;
	const flags = randomFlags(pick) | (quiet ? noReplyExpected : 0);
	const serial = from.nextSerial();
	from.send(encodeKind(kind, serial, { flags, ...randomParticulars(pick) }));
	const message = receiveFrom(to, from, serial);
	if (message.type === messageType.call && !quiet) {
		answer(pick, to, from, message);
	}
}

/** All that two clients receive of each other, as hexadecimal digits. */
async function play(t: ExecutionContext, way: Way): Promise<string[][]> {
	const bus = await startWayBus(t, way);
	const pick = createPick(20_101_022);
	const [one, other] = [bus.connect(), bus.connect()];
	other.ask('RequestName', longName, 0);
	settle(one, other);
	const before = bus.direct()?.delivered ?? 0;
	const ways = [
		{ from: one, to: other, kinds: kindsTo([other.name, longName]) },
		{ from: other, to: one, kinds: kindsTo([one.name]) },
	];
	for (let count = 0; count < messages; count++) {
		const { from, to, kinds } = pickOne(pick, ways);
		sendRandom(pick, from, to, kinds);
	}
	settle(one, other);
	const delivered = (bus.direct()?.delivered ?? 0) - before;
	t.true(way.direct ? delivered > messages / 2 : delivered === 0, `${delivered} directly`);
	return [one, other].map((peer) =>
		peer
			.arrived()
			.filter((message) => !isAnswerOfBus(message))
			.map(({ bytes }) => bytes.toString('hex')),
	);
}

function isAnswerOfBus({ bytes }: Received): boolean {
	return bytes.includes(driver);
}

const playDaemonOnly = playThroughDaemon(play);

defineBothWays({
	title: 'same bytes: random messages arrive as the daemon sends them',
	daemons: allDaemons,
	check: async (t, way) => {
		const daemonOnly = await playDaemonOnly(t, way);
		t.true(daemonOnly.every((arrived) => arrived.length > messages / 4));
		if (way.direct) {
			t.deepEqual(await play(t, way), daemonOnly);
		}
	},
});
