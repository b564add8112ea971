// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one user does to the bus, or to himself, is nothing to two of another: they talk as before,
 * and what the kernel keeps is bounded.
 */
import type { ExecutionContext } from 'ava';
import {
	allDaemons,
	defineRowsBothWays,
	longLifetime,
	repeatUntil,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import { byteArray } from '../../src/dbus/byte-array.js';
import { readDirect, setUntilEnd, type Setting } from '../../src/dbus/direct-delivery.js';
import {
	callKind,
	encodeKind,
	exchange,
	receiveFrom,
	sendKind,
	settle,
	type Kind,
} from '../../src/dbus/exchange.js';
import { allowReplacement, replaceExisting } from '../../src/dbus/name-requests.js';
import { connectAndSend as connectPeerAndSend, type Peer } from '../../src/dbus/peer.js';
import { mayAll, systemConfiguration } from '../../src/dbus/policies.js';
import { noReplyExpected } from '../../src/dbus/wire.js';
import type { User } from '../../src/process/act-as.js';

const innocentUser: User = { uid: 1, gid: 1 };
const attackingUser: User = { uid: 2, gid: 2 };

/** Limits of the daemon's that an attack of one user meets no sooner than the kernel's. */
const limits = [
	'max_connections_per_user',
	'max_completed_connections',
	'max_replies_per_connection',
]
	.map((name) => `<limit name="${name}">2000</limit>`)
	.join('');

/** Who attacks, what with, and those who are to notice nothing. */
interface Attack {
	bus: WayBus;
	attackers: readonly [Peer, Peer];
	connect: () => Peer;
	/** Connects, and sends something without reading what the daemon says. */
	connectAndSend: (bytes: Uint8Array) => void;
	innocents: readonly [Peer, Peer];
}

interface AttackRow {
	what: string;
	settings?: readonly (readonly [Setting, number])[];
	/** Does a part of it, of `steps`. */
	step: (attack: Attack, step: number) => void;
	steps: number;
	/** Whether the kernel has to learn anew of the innocent after each part of it. */
	makesForget?: true;
	/** What must hold after each part where the kernel delivers. */
	bounded?: (t: ExecutionContext, attack: Attack) => void;
}

const quota = 65_536;
const largeBody = byteArray(5000);
const flowsMax = 8;
const pendingMax = 16;

/** A name for each time, so that the daemon has something to do. */
function ownName(step: number): string {
	return `org.example.Attack${step}`;
}

const attackRows: readonly AttackRow[] = [
	{
		what: 'flows without end',
		settings: [['flows_max', flowsMax]],
		steps: 40,
		step: ({ attackers: [from, to] }, step) => {
			for (let time = 0; time < 3; time++) {
				exchange(from, to, callKind(to.name, { member: `Member${step}` }));
			}
		},
		bounded: (t, { bus }) => {
			// The innocent have two.
			const { flows } = readDirect(bus);
			t.true(flows <= flowsMax + 2, `${flows} flows`);
		},
	},
	{
		what: 'calls that nobody answers, of one connection',
		settings: [['pending_max', pendingMax]],
		steps: 40,
		step: ({ attackers: [from, to] }) => {
			receiveFrom(to, from, sendKind(from, callKind(to.name)));
		},
		bounded: (t, { bus }) => {
			t.true(readDirect(bus).pending <= pendingMax);
		},
	},
	{
		what: 'calls that nobody answers, of many connections',
		settings: [['user_pending_max', pendingMax]],
		steps: 30,
		step: ({ connect, attackers: [, to] }) => {
			const from = connect();
			exchange(from, to, callKind(to.name));
			for (let time = 0; time < 3; time++) {
				receiveFrom(to, from, sendKind(from, callKind(to.name)));
			}
		},
		bounded: (t, { bus }) => {
			t.true(readDirect(bus).pending <= pendingMax);
		},
	},
	{
		what: 'a queue that nobody reads',
		settings: [['user_queue_max', quota]],
		steps: 60,
		step: ({ attackers: [from, to] }) => {
			sendKind(from, callKind(to.name, { type: 'signal' }), byteArray(3000));
		},
		bounded: (t, { bus }) => {
			const { queued } = readDirect(bus);
			t.true(queued <= quota, `${queued} bytes`);
		},
	},
	{
		what: 'a thousand half messages',
		// Four in a step, of which one is sent when the daemon has answered: it has accepted the others.
		steps: 250,
		step: ({ connect, connectAndSend, innocents: [one] }) => {
			const whole = encodeKind(callKind(one.name), 2, largeBody);
			const half = whole.subarray(0, whole.length / 2);
			for (let time = 0; time < 3; time++) {
				connectAndSend(half);
			}
			connect().send(half);
		},
		bounded: (t, { bus }) => {
			t.true(readDirect(bus).queued <= quota);
		},
	},
	{
		what: 'requests for names',
		steps: 60,
		step: ({ attackers: [from] }, step) => {
			from.ask('RequestName', ownName(step % 5), 0);
			from.notify('RequestName', ownName(step), 0);
			from.tell('ReleaseName', ownName(step));
		},
	},
	{
		what: "requests for the innocent's name",
		steps: 60,
		step: ({ attackers: [from, other] }) => {
			from.ask('RequestName', 'org.example.Innocent', replaceExisting);
			other.notify('RequestName', 'org.example.Innocent', allowReplacement | replaceExisting);
			from.ask('ReleaseName', 'org.example.Innocent');
		},
	},
	{
		what: 'attempts to become a monitor',
		steps: 60,
		step: ({ attackers: [from] }) => {
			from.ask('BecomeMonitor', [], 0);
			from.tell('BecomeMonitor', [], 0);
			from.notify('BecomeMonitor', [], 0);
		},
	},
	{
		what: 'reading the configuration again',
		steps: 40,
		makesForget: true,
		step: ({ attackers: [from] }) => {
			from.tell('ReloadConfig');
		},
	},
	{
		// Daemons grant it to nobody but root and their own user.
		what: 'rules that eavesdrop',
		steps: 40,
		step: ({ attackers: [from] }, step) => {
			from.ask(step % 2 === 0 ? 'AddMatch' : 'RemoveMatch', "eavesdrop='true'");
		},
	},
	{
		what: 'broadcasts',
		steps: 60,
		step: ({ attackers: [from] }) => {
			const broadcast = { type: 'signal', path: '/a', interface: 'a.b', member: 'C' } as const;
			sendKind(from, broadcast, { flags: noReplyExpected });
		},
	},
];

/** How often the innocent talk meanwhile, at least, where the kernel may deliver. */
const looks = 12;

/** How long that takes at most. */
const lookMilliseconds = 5000;

/** What part of an attack is enough through the daemon alone, of which this isn't about. */
const partThroughDaemon = 1 / 4;

/** Has the innocent talk, which must go as before. */
function look({ makesForget }: AttackRow, attack: Attack, kind: Kind): void {
	const { bus, attackers, innocents } = attack;
	const [one, other] = innocents;
	if (makesForget) {
		settle(...attackers);
		bus.establish(one, other, kind);
	} else {
		bus.expectDirect({ delivered: 1, answered: 1 }, () => {
			exchange(one, other, kind);
		});
	}
}

/** Attacks, and has the innocent talk meanwhile and at the end. */
function run(t: ExecutionContext, row: AttackRow, attack: Attack, direct: boolean): void {
	const { bus, innocents } = attack;
	const [one, other] = innocents;
	const kinds = [callKind(other.name), callKind('org.example.Innocent')];
	// What the kernel knows of them is from between these times.
	const learned = { first: 0, last: 0 };
	const establishAll = (): void => {
		learned.first = performance.now();
		for (const kind of kinds) {
			bus.establish(one, other, kind);
		}
		learned.last = performance.now();
	};
	establishAll();
	const each = Math.floor(row.steps / looks);
	const steps = direct ? row.steps : row.steps * partThroughDaemon;
	for (let step = 0; step < steps; step++) {
		row.step(attack, step);
		if (step % each === 0) {
			// On a slow kernel, flows end of age before the attack does.
			if (performance.now() - learned.first > longLifetime - lookMilliseconds) {
				repeatUntil('flows have ended of age', () => {
					return performance.now() - learned.last > longLifetime;
				});
				establishAll();
			}
			look(row, attack, kinds[(step / each) % kinds.length] ?? {});
			if (direct) {
				row.bounded?.(t, attack);
			}
		}
	}
	establishAll();
}

defineRowsBothWays(attackRows, (row) => ({
	title: `attack: ${row.what}`,
	daemons: allDaemons,
	check: async (t, way) => {
		for (const [setting, value] of row.settings ?? []) {
			setUntilEnd(t, setting, value);
		}
		const bus = await startWayBus(t, way, {
			configuration: systemConfiguration([{ rules: mayAll }], limits),
		});
		const user = attackingUser;
		const connect = (): Peer => bus.connect({ user });
		const connectAndSend = (bytes: Uint8Array): void => {
			connectPeerAndSend(t, bus.path, { user }, bytes);
		};
		const innocents = [
			bus.connect({ user: innocentUser }),
			bus.connect({ user: innocentUser }),
		] as const;
		t.is(innocents[1].ask('RequestName', 'org.example.Innocent', 0), 1);
		const attackers = [connect(), connect()] as const;
		const attack = { bus, connect, connectAndSend, attackers, innocents };
		run(t, row, attack, way.direct);
	},
}));
