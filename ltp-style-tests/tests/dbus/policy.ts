// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the daemon's policy denies stays denied, however much of what differs from it in a single
 * thing has been delivered before.
 */
import { isDeepStrictEqual } from 'node:util';
import { AF_UNIX, closeDescriptor, openSocket } from '@fastipc/syscall-bindings';
import {
	allDaemons,
	defineBothWays,
	defineRowsBothWays,
	startWayBus,
	type Way,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import type { DaemonName } from '../../src/dbus/daemons.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import {
	accessDenied,
	callKind,
	encodeKind,
	encodeReply,
	findFate,
	receiveFrom,
	receiveReply,
	replyTo,
	sendKind,
	sendReply,
	settle,
	tryKind,
	type Kind,
} from '../../src/dbus/exchange.js';
import { requestName } from '../../src/dbus/name-requests.js';
import type { Peer, PeerOptions } from '../../src/dbus/peer.js';
import {
	mayAll,
	mayBeCalled,
	mayBeSignalled,
	mayCall,
	maySignal,
	mayTalkToBus,
	systemConfiguration,
	type Policy,
} from '../../src/dbus/policies.js';
import { fieldCode, fieldText } from '../../src/dbus/wire.js';
import { sendWithDescriptors } from '../../src/process/socket-messages.js';

const good = 'org.example.Good';
const bad = 'org.example.Bad';

/** A rule by what a message is like. */
interface KindRow {
	rule: string;
	rules: string;
	/** In what the one that is allowed differs from the one that isn't. */
	allowed: Kind;
	denied: Kind;
	/** Where the others take it otherwise. */
	daemons?: readonly DaemonName[];
}

/** In which direction a rule looks, and what lets mayAll through in the other. */
const directions = [
	{ direction: 'send', own: mayCall + maySignal, other: mayBeCalled + mayBeSignalled },
	{ direction: 'receive', own: mayBeCalled + mayBeSignalled, other: mayCall + maySignal },
] as const;

/** A rule that allows only one thing, and one that denies only another, in both directions. */
function rulesOn(
	key: string,
	right: string,
	wrong: string,
	besides: (direction: string) => string = () => '',
): { rule: string; rules: string }[] {
	return directions.flatMap(({ direction, own, other }) => {
		const allow = `<allow ${direction}_${key}="${right}"${besides(direction)}/>`;
		const deny = `<deny ${direction}_${key}="${wrong}"${besides(direction)}/>`;
		return [
			{ rule: allow, rules: other + allow },
			{ rule: deny, rules: other + own + deny },
		];
	});
}

/** A rule on members has to name an interface too. */
function withInterface(direction: string): string {
	return ` ${direction}_interface="org.example.Interface"`;
}

const kindRows: readonly KindRow[] = [
	...rulesOn('interface', good, bad).map((rules) => ({
		...rules,
		allowed: { interface: good },
		denied: { interface: bad },
	})),
	...rulesOn('member', 'Good', 'Bad', withInterface).map((rules) => ({
		...rules,
		allowed: { member: 'Good' },
		denied: { member: 'Bad' },
	})),
	...rulesOn('path', '/good', '/bad').map((rules) => ({
		...rules,
		allowed: { path: '/good' },
		denied: { path: '/bad' },
	})),
	...rulesOn('type', 'method_call', 'signal').map((rules) => ({
		...rules,
		allowed: {},
		denied: { type: 'signal' } as const,
	})),
	...rulesOn('type', 'signal', 'method_call', withInterface).map((rules) => ({
		...rules,
		allowed: { type: 'signal' } as const,
		denied: {},
	})),
];

/** To dbus-daemon, a rule that denies an interface denies messages without one. */
const noInterface: readonly KindRow[] = rulesOn('interface', good, bad).map((rules) => ({
	...rules,
	allowed: { interface: good },
	denied: { interface: undefined },
	daemons: rules.rule.startsWith('<deny') ? ['dbus-daemon'] : allDaemons,
}));

/** What becomes of a denied message: dbus-broker answers calls only. */
function denial(way: Way, kind: Kind = {}): string {
	return kind.type === 'signal' && way.daemon === 'dbus-broker' ? 'nothing' : accessDenied;
}

/** What a kind has of its own, in words. */
function inWords(kind: Kind): string {
	const words = Object.entries(kind).map(([key, value]) => `${key} ${value ?? 'left out'}`);
	return words.length === 0 ? 'a call' : words.join(', ');
}

defineRowsBothWays([...kindRows, ...noInterface], (row) => ({
	title: `policy: ${row.rule} lets ${inWords(row.allowed)} through, and not ${inWords(row.denied)}`,
	daemons: row.daemons ?? allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: row.rules }]),
		});
		const { from, to, kind } = connectFlow(bus, row.allowed);
		t.is(tryKind(from, to, callKind(to.name, row.denied)), denial(way, row.denied));
		t.is(tryKind(from, to, kind), 'delivered');
	},
}));

/** A client as a rule looks at it. */
interface End extends PeerOptions {
	owns?: string;
}

/** A rule by who sends or receives. */
interface EndRow {
	rule: string;
	policies: readonly Policy[];
	allowed: { from: End; to: End };
	denied: { from: End; to: End };
	daemons?: readonly DaemonName[];
}

const usual = 'org.example.Interface';
const denySending = `<deny send_interface="${usual}"/>`;
const denyReceiving = `<deny receive_interface="${usual}"/>`;

/** Debian's users and groups that are everywhere. */
const asDaemon: End = { user: { uid: 1, gid: 1 } };
const asBin: End = { user: { uid: 2, gid: 2 } };
/** In the group `games`, not by his own group. */
const asPlayer: End = { user: { uid: 1, gid: 1, groups: [60] } };

/** Rules on who sends, and on who receives, each way round. */
function rulesOnWhom(what: string, whom: Omit<Policy, 'rules'>, right: End, wrong: End): EndRow[] {
	const rows: [rule: string, allow: string, atSender: boolean][] = [
		[denySending, mayAll, true],
		[denyReceiving, mayAll, false],
	];
	return rows.map(([rule, rest, atSender]) => ({
		rule: `${rule} for ${what}`,
		policies: [{ rules: rest }, { ...whom, rules: rule }],
		allowed: atSender ? { from: right, to: {} } : { from: {}, to: right },
		denied: atSender ? { from: wrong, to: {} } : { from: {}, to: wrong },
	}));
}

const toGood = { from: {}, to: { owns: good } };
const toBad = { from: {}, to: { owns: bad } };
const fromGood = { from: { owns: good }, to: {} };
const fromBad = { from: { owns: bad }, to: {} };

const endRows: readonly EndRow[] = [
	...rulesOnWhom('a user', { user: 'bin' }, asDaemon, asBin),
	...rulesOnWhom('a group', { group: 'games' }, asDaemon, asPlayer),
	{
		rule: `<allow send_destination="${good}"/>`,
		policies: [{ rules: `${mayBeCalled}<allow send_destination="${good}"/>` }],
		allowed: toGood,
		denied: toBad,
	},
	{
		rule: `<deny send_destination="${bad}"/>`,
		policies: [{ rules: `${mayBeCalled}${mayCall}<deny send_destination="${bad}"/>` }],
		allowed: toGood,
		denied: toBad,
	},
	{
		rule: `<deny send_destination_prefix="${bad}"/>`,
		policies: [{ rules: `${mayBeCalled}${mayCall}<deny send_destination_prefix="${bad}"/>` }],
		allowed: toGood,
		denied: { from: {}, to: { owns: `${bad}.Part` } },
		daemons: ['dbus-daemon'],
	},
	{
		rule: `<allow receive_sender="${good}"/>`,
		policies: [{ rules: `${mayCall}<allow receive_sender="${good}"/>` }],
		allowed: fromGood,
		denied: fromBad,
	},
	{
		rule: `<deny receive_sender="${bad}"/>`,
		policies: [{ rules: `${mayCall}${mayBeCalled}<deny receive_sender="${bad}"/>` }],
		allowed: fromGood,
		denied: fromBad,
	},
];

function connectEnd(bus: WayBus, { owns, ...options }: End): Peer {
	const peer = bus.connect(options);
	if (owns !== undefined) {
		requestName(peer, owns, 0, 1);
	}
	return peer;
}

defineRowsBothWays(endRows, (row) => ({
	title: `policy: ${row.rule}`,
	daemons: row.daemons ?? allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration(row.policies),
		});
		const [allowed, denied] = [row.allowed, row.denied].map(({ from, to }) => ({
			from: connectEnd(bus, from),
			to: connectEnd(bus, to),
		}));
		if (allowed === undefined || denied === undefined) {
			throw new Error('there are two pairs');
		}
		bus.establish(allowed.from, allowed.to, callKind(allowed.to.name));
		const bySender = !isDeepStrictEqual(row.allowed.from, row.denied.from);
		const half = bySender ? { ...allowed, from: denied.from } : { ...allowed, to: denied.to };
		t.is(tryKind(half.from, half.to, callKind(half.to.name)), accessDenied);
		for (const destination of [denied.to.name, row.denied.to.owns ?? denied.to.name]) {
			t.is(tryKind(denied.from, denied.to, callKind(destination)), accessDenied);
		}
		t.is(tryKind(allowed.from, allowed.to, callKind(allowed.to.name)), 'delivered');
	},
}));

/** A rule by how many descriptors a message has; whether it lets one with a descriptor through. */
const descriptorRows = directions.flatMap(({ direction, own, other }) => {
	const matches = ` ${direction}_interface="${usual}"`;
	return [
		{ rule: `<deny${matches} min_fds="1"/>`, rest: other + own, withOne: false },
		{ rule: `<allow${matches} max_fds="0"/>`, rest: other, withOne: false },
		{ rule: `<deny${matches} max_fds="0"/>`, rest: other + own, withOne: true },
		{ rule: `<allow${matches} min_fds="1"/>`, rest: other, withOne: true },
	];
});

/** Sends a message with a descriptor; returns its serial. */
function sendWithOne(from: Peer, kind: Kind): number {
	const serial = from.nextSerial();
	const passed = openSocket(AF_UNIX);
	const fields = [{ code: fieldCode.unixFds, type: 'u', value: 1 } as const];
	sendWithDescriptors(from.descriptor, encodeKind(kind, serial, { fields }), [passed]);
	closeDescriptor(passed);
	return serial;
}

defineRowsBothWays(descriptorRows, ({ rule, rest, withOne }) => ({
	title: `policy: ${rule} tells messages with a descriptor from those without`,
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: rest + rule }]),
		});
		const [from, to] = [bus.connect({ descriptors: true }), bus.connect({ descriptors: true })];
		const kind = callKind(to.name);
		const tryOne = (): string => findFate(from, to, sendWithOne(from, kind));
		if (withOne) {
			for (let round = 0; round < 3; round++) {
				t.is(tryOne(), 'delivered');
				t.is(tryKind(from, to, kind), accessDenied);
			}
		} else {
			bus.establish(from, to, kind);
			t.is(tryOne(), accessDenied);
			t.is(tryKind(from, to, kind), 'delivered');
		}
	},
}));

/** Replies that a rule denies. dbus-broker passes on all that were asked for, whatever the rules. */
const replyRows = directions.flatMap(({ direction }) =>
	(['method_return', 'error'] as const).map((type) => ({
		rule: `<deny ${direction}_requested_reply="true" ${direction}_type="${type}"/>`,
		...(type === 'error' && { error: 'org.example.Error' }),
	})),
);

/** A call that is passed on is one thing, and that its reply comes back another. */
defineRowsBothWays(replyRows, ({ rule, error }) => ({
	title: `policy: a reply that ${rule} denies stays denied, called again`,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: mayAll + rule + mayTalkToBus }]),
		});
		const [caller, callee] = [bus.connect(), bus.connect()];
		bus.establish(callee, caller, callKind(caller.name, { type: 'signal' }));
		bus.expectDirect({ delivered: 0, answered: 0 }, () => {
			for (let round = 0; round < 3; round++) {
				const call = receiveFrom(callee, caller, sendKind(caller, callKind(callee.name)));
				callee.send(
					encodeReply({ ...replyTo(call), ...(error && { error }) }, callee.nextSerial()),
				);
				settle(callee, caller);
				t.false(caller.waiting().some((message) => fieldText(message, 'sender') === callee.name));
				for (const peer of [caller, callee]) {
					peer
						.waiting()
						.slice()
						.forEach(() => peer.receive());
				}
			}
		});
	},
}));

defineBothWays({
	title: 'policy: a second reply comes where rules let through what nobody asked for',
	check: async (t, way) => {
		const mayReply = directions.map(
			({ direction }) =>
				`<allow ${direction}_requested_reply="false" ${direction}_type="method_return"/>`,
		);
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: mayAll + mayReply.join('') }]),
		});
		const { from: caller, to: callee, kind } = connectFlow(bus);
		const serial = sendKind(caller, kind);
		const call = receiveFrom(callee, caller, serial);
		const replies = [sendReply(callee, call), sendReply(callee, call)];
		for (const reply of replies) {
			t.is(receiveReply(caller, serial).serial, reply);
		}
		settle(callee, caller);
		t.deepEqual(callee.waiting(), []);
		t.is(tryKind(caller, callee, kind), 'delivered');
	},
});

defineRowsBothWays(['a second reply', 'a reply to what was never called'], (what) => ({
	title: `policy: ${what} is not a requested one`,
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			configuration: systemConfiguration([{ rules: mayAll }]),
		});
		const { from: caller, to: callee, kind } = connectFlow(bus);
		const serial = sendKind(caller, kind);
		const call = receiveFrom(callee, caller, serial);
		sendReply(callee, call);
		receiveReply(caller, serial);
		const unrequested = what === 'a second reply' ? call : { ...call, serial: serial + 1 };
		sendReply(callee, unrequested);
		settle(callee, caller);
		t.deepEqual(caller.waiting(), []);
		// dbus-daemon says so, dbus-broker nothing.
		for (const message of callee.waiting().slice()) {
			t.is(fieldText(message, 'errorName'), accessDenied);
			callee.receive();
		}
		t.is(tryKind(caller, callee, kind), 'delivered');
	},
}));
