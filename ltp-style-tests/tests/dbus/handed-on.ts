// SPDX-License-Identifier: GPL-2.0-only
/*
 * A name that is handed on while it is called: a call never reaches who had the name before, once
 * its sender could know, and each is answered once.
 */
import {
	allDaemons,
	defineBothWays,
	repeatUntil,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import { callKind, describeMessage, sendKind, sendReply, settle } from '../../src/dbus/exchange.js';
import { driver } from '../../src/dbus/message.js';
import {
	allowReplacement,
	readOwnerChange,
	replaceExisting,
} from '../../src/dbus/name-requests.js';
import type { Peer } from '../../src/dbus/peer.js';
import { createPick, pickOne, type Pick } from '../../src/dbus/random.js';
import { fieldText, messageType, replySerialOf, type Received } from '../../src/dbus/wire.js';

const name = 'org.example.HandedOn';

/** How often somebody does something about the name, and how many turns callers have meanwhile. */
const rounds = 90;
const turns = 12;

/** How much there must be of what is counted, for the test to show anything. */
const atLeast = 25;

/** How many calls of each caller are under way at most. */
const underWayMax = 4;

/** A call that was answered. Owners go by their number among those that the caller was told of. */
interface Answered {
	/** The owner that it knew of when it called. */
	before: number;
	/** The owner that it knew of when the answer came. */
	after: number;
	/** Who answered; '' for the bus, which says that there is no owner. */
	by: string;
}

/** Who calls the name, and hears of its owners. */
interface Caller {
	peer: Peer;
	/** The owners that it was told of, in their order; nobody is ''. */
	owners: string[];
	/** The serials of its calls. */
	calls: Set<number>;
	/** By the serial of each call that isn't answered, the owner that it knew of. */
	underWay: Map<number, number>;
	answered: Answered[];
	/** How much of what came it has looked at. */
	seen: number;
}

function connectCaller(bus: WayBus): Caller {
	const peer = bus.connect();
	peer.ask('AddMatch', `sender='${driver}',member='NameOwnerChanged',arg0='${name}'`);
	return { peer, owners: [''], calls: new Set(), underWay: new Map(), answered: [], seen: 0 };
}

function isAnswer({ type }: Received): boolean {
	return type === messageType.return || type === messageType.error;
}

/** Notes an answer, which must be the only one of a call: an owner's reply, or an error of the bus. */
function noteAnswer({ peer, owners, underWay, answered }: Caller, message: Received): void {
	const before = underWay.get(replySerialOf(message));
	const sender = fieldText(message, 'sender') ?? '';
	const isError = message.type === messageType.error;
	if (before === undefined || isError !== (sender === driver)) {
		throw new Error(`${peer.name} did not expect ${describeMessage(message)}`);
	}
	underWay.delete(replySerialOf(message));
	answered.push({ before, after: owners.length - 1, by: isError ? '' : sender });
}

/** Has a caller look at all that has come, in its order. */
function look(caller: Caller): void {
	const { peer, owners, calls } = caller;
	peer
		.waiting()
		.slice()
		.forEach(() => peer.receive());
	const fresh = peer.arrived().slice(caller.seen);
	caller.seen += fresh.length;
	for (const message of fresh) {
		const change = readOwnerChange(message);
		if (change !== undefined) {
			owners.push(change.to);
		} else if (isAnswer(message) && calls.has(replySerialOf(message))) {
			noteAnswer(caller, message);
		}
	}
}

/** Has a caller call, unless it has enough calls under way, when it has looked at what came. */
function callOnce(caller: Caller): void {
	look(caller);
	const { peer, owners, calls, underWay } = caller;
	if (underWay.size < underWayMax) {
		const serial = sendKind(peer, callKind(name));
		calls.add(serial);
		underWay.set(serial, owners.length - 1);
	}
}

/** Has an owner answer all calls that have reached it. */
function answerAll(owner: Peer): void {
	for (const call of owner.waiting().slice()) {
		owner.receive();
		sendReply(owner, call);
	}
}

/** What somebody does about the name: replace its owner, queue for it, or give it back or up. */
const acts: readonly ((peer: Peer) => void)[] = [
	(peer) => peer.tell('RequestName', name, allowReplacement | replaceExisting),
	(peer) => peer.tell('RequestName', name, allowReplacement),
	(peer) => peer.tell('ReleaseName', name),
];

/** Hands the name on, and calls it all the while. */
function run(pick: Pick, callers: readonly Caller[], owners: readonly Peer[]): void {
	for (let round = 0; round < rounds; round++) {
		const actor = pickOne(pick, owners);
		pickOne(pick, acts)(actor);
		for (let turn = 0; turn < turns; turn++) {
			callOnce(pickOne(pick, callers));
			if (pick(2) === 0) {
				answerAll(pickOne(pick, owners));
			}
		}
		// So that no more than one change is under way.
		actor.ask('GetId');
	}
	repeatUntil('all calls are answered', () => {
		owners.forEach(answerAll);
		callers.forEach(look);
		return callers.every(({ underWay }) => underWay.size === 0);
	});
	settle(...callers.map(({ peer }) => peer), ...owners);
	callers.forEach(look);
}

/**
 * Who may have answered: who was the owner when the call was sent, as far as its sender knew, or
 * became that later. The change that is under way when the answer comes may be told after it.
 */
function possible({ owners }: Caller, { before, after }: Answered): string[] {
	return owners.slice(before, after + 2);
}

/** Whether an answer of the former owner would have been found out. */
function isTelling(caller: Caller, answered: Answered): boolean {
	const former = caller.owners[answered.before - 1];
	return former !== undefined && !possible(caller, answered).includes(former);
}

defineBothWays({
	title: 'flows end: a name is handed on while it is called',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const callers = [connectCaller(bus), connectCaller(bus)];
		const owners = [bus.connect(), bus.connect(), bus.connect()];
		run(createPick(7), callers, owners);
		for (const caller of callers) {
			const { answered } = caller;
			for (const one of answered) {
				const allowed = possible(caller, one);
				t.true(allowed.includes(one.by), `"${one.by}" answered, not one of "${allowed.join()}"`);
			}
			const telling = answered.filter((one) => isTelling(caller, one)).length;
			const crossed = answered.filter(({ before, after }) => before < after).length;
			t.log(
				`${caller.owners.length - 1} changes, ${answered.length} answers, ${telling} of them telling, ${crossed} across a change`,
			);
			// How many there are depends on how fast the bus is.
			t.true(caller.owners.length > atLeast && telling > atLeast && crossed > atLeast);
		}
		const { delivered, answered } = bus.direct() ?? { delivered: 0, answered: 0 };
		t.log(`${delivered} calls and ${answered} replies directly`);
		t.true(way.direct ? delivered > atLeast && answered > atLeast : delivered + answered === 0);
	},
});
