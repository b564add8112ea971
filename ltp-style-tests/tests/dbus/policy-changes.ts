// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is allowed, and was delivered, until something happens on which the daemon's policy depends.
 */
import type { ExecutionContext } from 'ava';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
	allDaemons,
	defineRowsBothWays,
	repeatUntil,
	startWayBus,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import type { DaemonName } from '../../src/dbus/daemons.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import { accessDenied, callKind, tryKind, type Kind } from '../../src/dbus/exchange.js';
import {
	allowReplacement,
	doNotQueue,
	releaseName,
	replaceExisting,
	requestName,
} from '../../src/dbus/name-requests.js';
import type { Peer } from '../../src/dbus/peer.js';
import { mayBeCalled, mayCall, systemConfiguration } from '../../src/dbus/policies.js';
import { makeTemporaryFolder } from '../../src/temporary-folder.js';

const good = 'org.example.Good';
const bad = 'org.example.Bad';

/** Who takes part: the first sends to the second. */
interface Clients {
	from: Peer;
	to: Peer;
	other: Peer;
}

/** Something about names that makes of a message that was allowed one that is denied. */
interface NameRow {
	event: string;
	rules: string;
	/** What is so before. */
	before?: (clients: Clients) => void;
	happens: (clients: Clients) => void;
	/** What undoes it; then such messages are delivered again. */
	undo?: (clients: Clients) => void;
	daemons?: readonly DaemonName[];
}

/** An end of a message, and the rule that speaks of its names. */
interface RuledEnd {
	end: 'from' | 'to';
	rule: string;
	/** What else the policy has to allow. */
	others: string;
}

const whoseName = { from: "sender's", to: "receiver's" } as const;

/** By a rule that denies one name what others may do. */
function deniedRows({ end, rule }: RuledEnd): NameRow[] {
	const whose = whoseName[end];
	const denyBad = `${mayCall}${mayBeCalled}<deny ${rule}="${bad}"/>`;
	return [
		{
			event: `a name becomes the ${whose}, by a rule that denies it`,
			rules: denyBad,
			happens: (clients) => {
				requestName(clients[end], bad, 0, 1);
			},
			undo: (clients) => {
				releaseName(clients[end], bad);
			},
		},
		{
			event: `a name that others own will be the ${whose}, by a rule that denies it`,
			rules: denyBad,
			before: ({ other }) => {
				requestName(other, bad, 0, 1);
			},
			happens: (clients) => {
				requestName(clients[end], bad, 0, 2);
			},
			undo: (clients) => {
				releaseName(clients[end], bad);
			},
		},
	];
}

/** By a rule that allows one name what others may not. */
function allowedRows({ end, rule, others }: RuledEnd): NameRow[] {
	const whose = whoseName[end];
	const allowGood = `${others}<allow ${rule}="${good}"/>`;
	return [
		{
			event: `a name is the ${whose} no more, by a rule that allows it`,
			rules: allowGood,
			before: (clients) => {
				requestName(clients[end], good, 0, 1);
			},
			happens: (clients) => {
				releaseName(clients[end], good);
			},
			undo: (clients) => {
				requestName(clients[end], good, 0, 1);
			},
		},
		{
			event: `somebody takes the ${whose} name, by a rule that allows it`,
			rules: allowGood,
			before: (clients) => {
				requestName(clients[end], good, allowReplacement | doNotQueue, 1);
			},
			happens: ({ other }) => {
				requestName(other, good, replaceExisting, 1);
			},
			undo: (clients) => {
				releaseName(clients.other, good);
				requestName(clients[end], good, 0, 1);
			},
		},
		{
			event: `the ${whose} place in a name's queue is given up, by a rule that allows it`,
			rules: allowGood,
			before: (clients) => {
				requestName(clients.other, good, 0, 1);
				requestName(clients[end], good, 0, 2);
			},
			happens: (clients) => {
				releaseName(clients[end], good);
			},
		},
	];
}

/** The same for either end: a rule on receivers' names, and one on senders'. */
const ruledEnds: readonly RuledEnd[] = [
	{ end: 'to', rule: 'send_destination', others: mayBeCalled },
	{ end: 'from', rule: 'receive_sender', others: mayCall },
];

const nameRows = ruledEnds.flatMap((ruled) => [...deniedRows(ruled), ...allowedRows(ruled)]);

defineRowsBothWays(nameRows, (row) => ({
	title: `policy: ${row.event}`,
	daemons: row.daemons ?? allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way, {
			shared: true,
			configuration: systemConfiguration([{ rules: row.rules }]),
		});
		const clients = { from: bus.connect(), to: bus.connect(), other: bus.connect() };
		const { from, to } = clients;
		row.before?.(clients);
		const kind = callKind(to.name);
		bus.establish(from, to, kind);
		row.happens(clients);
		t.is(tryKind(from, to, kind), accessDenied);
		if (row.undo !== undefined) {
			row.undo(clients);
			bus.establish(from, to, kind);
		}
	},
}));

const denyCalls = '<deny send_interface="org.example.Interface"/>';

/** The configuration of a bus, which includes what is in a folder. */
async function startReconfigurable(
	t: ExecutionContext,
): Promise<{ folder: string; configure: (rules: string) => string }> {
	const folder = await makeTemporaryFolder(t, 'dbus-included-');
	const included = path.join(folder, 'bus.d');
	await mkdir(included);
	return {
		folder: included,
		configure: (rules) =>
			systemConfiguration(
				[{ rules: mayCall + mayBeCalled + rules }],
				`<includedir>${included}</includedir>`,
			),
	};
}

defineRowsBothWays(['the sender', 'the receiver', 'somebody else'], (who) => ({
	title: `policy: the configuration is read again because ${who} calls ReloadConfig`,
	daemons: allDaemons,
	check: async (t, way) => {
		const { configure } = await startReconfigurable(t);
		const bus = await startWayBus(t, way, { configuration: configure('') });
		const other = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		const asks = who === 'the sender' ? from : who === 'the receiver' ? to : other;
		await bus.configure(configure(denyCalls));
		t.is(asks.ask('ReloadConfig'), '');
		t.is(tryKind(from, to, kind), accessDenied);
	},
}));

/** Milliseconds; long enough for some calls in a slow guest, so that what goes on is a flow. */
const lifetime = 1000;

/** Whether the daemon denies such a message to a client that has never sent one. */
function isDeniedNow(bus: WayBus, to: Peer, kind: Kind): boolean {
	const probe = bus.connect();
	const result = tryKind(probe, to, kind);
	probe.close();
	return result === accessDenied;
}

/** How the daemon comes to read its configuration again, of which clients are told nothing. */
const silentRows: readonly {
	event: string;
	happens: (bus: WayBus, folder: string, configuration: string) => Promise<void>;
}[] = [
	{
		event: 'at SIGHUP',
		happens: async (bus, _, configuration) => {
			await bus.configure(configuration);
			process.kill(bus.pid, 'SIGHUP');
		},
	},
	{
		event: 'as a file has come into its folder',
		happens: async (_, folder) => {
			const policy = `<policy context="mandatory">${denyCalls}</policy>`;
			await writeFile(path.join(folder, 'new.conf'), `<busconfig>${policy}</busconfig>`);
		},
	},
];

defineRowsBothWays(silentRows, ({ event, happens }) => ({
	title: `policy: the configuration is read again ${event}, and holds within a flow's lifetime`,
	daemons: allDaemons,
	check: async (t, way) => {
		const { folder, configure } = await startReconfigurable(t);
		const bus = await startWayBus(t, way, {
			configuration: configure(''),
			lifetimeMilliseconds: lifetime,
		});
		const { from, to, kind } = connectFlow(bus);
		await happens(bus, folder, configure(denyCalls));
		let result = 'delivered';
		repeatUntil('the daemon has read it', () => {
			result = tryKind(from, to, kind);
			return isDeniedNow(bus, to, kind);
		});
		const known = performance.now();
		// When each message was sent that should have been denied by then, in ms.
		const late: number[] = [];
		repeatUntil('messages are denied', () => {
			const sent = performance.now() - known;
			result = tryKind(from, to, kind);
			late.push(...(result === 'delivered' ? [sent] : []));
			return result !== 'delivered';
		});
		t.is(result, accessDenied);
		t.deepEqual(
			late.filter((sent) => !way.direct || sent > lifetime),
			[],
		);
	},
}));
