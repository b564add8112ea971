// SPDX-License-Identifier: GPL-2.0-only
// Who is on a bus, by the kernel's listing and by the daemon's answers: no difference.
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { once } from 'node:events';
import { busAsListed } from '../../src/dbus/bus-as-listed.js';
import { connectToBus, type BusClient } from '../../src/dbus/bus-client.js';
import { startClientProcess } from '../../src/dbus/client-processes.js';
import {
	daemonPrograms,
	startBus as startAnyBus,
	type Bus,
	type DaemonName,
} from '../../src/dbus/daemons.js';
import { driver } from '../../src/dbus/message.js';
import { allowReplacement, replaceExisting } from '../../src/dbus/name-requests.js';
import { createPick } from '../../src/dbus/random.js';
import { defineTable, defineTest } from '../../src/needs/define-test.js';

const needs = { root: true, config: ['CONFIG_AF_DBUS'] } as const;

/** A bus of dbus-daemon's on AF_DBUS, with two listeners. */
async function startBus(t: ExecutionContext): Promise<Bus> {
	return await startAnyBus(t, 'dbus-daemon', 'AF_DBUS', { names: ['dbus-2'] });
}

defineTest({
	title: 'bus: a monitor is known as long as it is there',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const client = await connectToBus(bus.path);
		const monitors = () => busAsListed(bus).connections.filter((each) => each.monitor).length;
		const monitor = execa('dbus-monitor', ['--session', '--profile'], { env: bus.environment });
		// It prints what it sees from when it is a monitor.
		const seen = once(monitor.stdout, 'data');
		while (monitors() === 0) {
			await client.call('GetId');
		}
		await client.call('GetId');
		await seen;
		t.is(busAsListed(bus).bus.monitors, 1);
		t.deepEqual(await client.call('ListNames'), [driver, client.name]);
		monitor.kill();
		await monitor.catch(() => undefined);
		while (monitors() > 0) {
			await client.call('GetId');
		}
		t.is(busAsListed(bus).bus.monitors, 0);
		await client.close();
	},
});

defineTest({
	title: 'bus: an eavesdropper is known as long as its rule is there',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const client = await connectToBus(bus.path);
		const known = () => busAsListed(bus).bus.eavesdroppers;
		const rule = "type='signal',eavesdrop='true'";
		await client.call('AddMatch', "arg0='eavesdrop'");
		t.is(known(), 0);
		await client.call('AddMatch', rule);
		t.is(known(), 1);
		t.true((await client.call('RemoveMatch', "eavesdrop='true'")) instanceof Error);
		await client.call('AddMatch', "type='signal'");
		await client.call('RemoveMatch', "type='signal',eavesdrop='false'");
		t.is(known(), 1);
		await client.call('RemoveMatch', rule);
		t.is(known(), 0);
		await client.close();
	},
});

function inOrder(queue: unknown, ordered: boolean): unknown {
	return ordered || !Array.isArray(queue) ? queue : queue.toSorted();
}

/**
 * What the kernel knows must be what the daemon answers to any client.
 * @param ordered whether those who wait are told so in the order in which they stand; dbus-broker
 * writes to each when it gets to it
 */
async function compare(
	t: ExecutionContext,
	of: Bus,
	clients: readonly [BusClient, ...BusClient[]],
	ordered = true,
): Promise<void> {
	// The daemon has written to each client all that it did before.
	await Promise.all(clients.map(({ call }) => call('GetId')));
	const [asked] = clients;
	const { bus, connections, queues } = busAsListed(of);
	const known = await asked.call('ListNames');
	const expected = Array.isArray(known) ? known.filter((name) => name !== driver) : [];
	t.deepEqual([...queues.keys()].toSorted(), expected.toSorted());
	for (const name of expected) {
		const queue = await asked.call('ListQueuedOwners', name);
		t.deepEqual(inOrder(queues.get(name), ordered), inOrder(queue, ordered), name);
		t.is(await asked.call('GetNameOwner', name), queues.get(name)?.[0] ?? '');
	}
	for (const { name = '', pid, unsure } of connections) {
		t.is(await asked.call('GetConnectionUnixProcessID', name), pid);
		t.false(unsure);
	}
	const unique = expected.filter((name) => name.startsWith(':'));
	t.deepEqual(connections.map(({ name }) => name).toSorted(), unique.toSorted());
	t.is(bus.connections, unique.length);
	t.true(clients.every(({ name }) => unique.includes(name)));
}

/** Connects to a bus's listeners in turn: from here, and from other processes. */
function connectFromEverywhere(t: ExecutionContext, bus: Bus): () => Promise<BusClient> {
	const ways = [
		connectToBus,
		startClientProcess(t, {}),
		startClientProcess(t, bus.environment),
		startClientProcess(t, bus.environment),
	];
	let count = 0;
	return async () => {
		const connect = ways[count % ways.length] ?? connectToBus;
		// All listeners, from each process
		const path = bus.paths[Math.floor(count / ways.length) % bus.paths.length] ?? bus.path;
		count += 1;
		return await connect(path);
	};
}

const rounds = 10;
const operations = 200;
const clientCount = 12;

/**
 * Has clients request and release names, all combinations of RequestName's flags.
 * @param pick gives a number below the one that it is given
 * @param sends whether some requests say that they expect no reply
 */
async function scramble(
	clients: readonly BusClient[],
	pick: (count: number) => number,
	sends: boolean,
): Promise<void> {
	await Promise.all(
		Array.from({ length: operations }, async () => {
			const client = clients[pick(clients.length)];
			const name = `org.example.Name${pick(10)}`;
			const act = pick(4) === 0 && sends ? client?.send : client?.call;
			await (pick(3) === 0 ? act?.('ReleaseName', name) : act?.('RequestName', name, pick(8)));
		}),
	);
}

/** Closes a client, and waits until the daemon has noticed. */
async function leave(client: BusClient, witness: BusClient): Promise<void> {
	await client.close();
	while ((await witness.call('NameHasOwner', client.name)) !== 0) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

defineTable<{
	daemon: DaemonName;
	listeners: readonly string[];
	answersAll: boolean;
	ordered: boolean;
}>({
	rows: [
		{
			daemon: 'dbus-daemon',
			listeners: ['dbus-2'],
			// It answers those, too, that want no answer.
			answersAll: true,
			ordered: true,
		},
		{
			daemon: 'dbus-broker',
			listeners: [],
			answersAll: false,
			ordered: false,
		},
	],
	title: ({ daemon }) =>
		`bus: names come, wait, are replaced and go, and the kernel knows as ${daemon} does`,
	needs: ({ daemon }) => ({ ...needs, programs: [daemonPrograms[daemon]] }),
	check: async (t, { daemon, listeners, answersAll, ordered }) => {
		const bus = await startAnyBus(t, daemon, 'AF_DBUS', { names: listeners });
		const connect = connectFromEverywhere(t, bus);
		const pick = createPick(1);
		const first = await connect();
		const others: BusClient[] = [];
		for (let round = 0; round < rounds; round++) {
			while (others.length < clientCount - 1) {
				others.push(await connect());
			}
			await scramble([first, ...others], pick, answersAll);
			await compare(t, bus, [first, ...others], ordered);
			for (const leaving of others.splice(pick(others.length), 1)) {
				await leave(leaving, first);
			}
			await compare(t, bus, [first, ...others], ordered);
		}
		const converted = (await bus.report()).filter((line) => line.startsWith('connect done'));
		t.true(converted.length >= 6, converted.join('\n'));
		await Promise.all([first, ...others].map(({ close }) => close()));
	},
});

defineTest({
	title: 'bus: who is told late that it owned a name is not taken for its owner',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const late = await connectToBus(bus.path);
		const client = await connectToBus(bus.paths[1] ?? bus.path);
		const name = 'org.example.Late';
		const owners = () => busAsListed(bus).queues.get(name);
		await late.setReading(false);
		// More than fits into the socket, so that what comes then waits in the daemon.
		const replies = Array.from({ length: 2000 }, () => late.call('GetId'));
		const request = late.call('RequestName', name, allowReplacement);
		while ((await client.call('NameHasOwner', name)) !== 1) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		t.is(owners(), undefined);
		t.is(await client.call('RequestName', name, replaceExisting), 1);
		t.deepEqual(owners(), [client.name]);
		await late.setReading(true);
		await Promise.all([...replies, request]);
		await compare(t, bus, [client, late]);
		t.deepEqual(owners(), [client.name, late.name]);
		await Promise.all([late.close(), client.close()]);
	},
});
