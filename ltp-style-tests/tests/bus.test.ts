// SPDX-License-Identifier: GPL-2.0-only
// Debian's daemon and clients on AF_DBUS: nothing is different, and the kernel knows who is there.
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { once } from 'node:events';
import { connectToBus, type BusClient } from '../src/bus/bus-client.js';
import { startClientProcess } from '../src/bus/client-processes.js';
import { readListing } from '../src/bus/listing.js';
import { startBus, type TestBus } from '../src/bus/test-bus.js';
import { defineTest } from '../src/needs/define-test.js';

const needs = { root: true, config: ['CONFIG_AF_DBUS'] } as const;
const driver = 'org.freedesktop.DBus';

const listNames = [
	'--session',
	'--print-reply',
	`--dest=${driver}`,
	'/org/freedesktop/DBus',
	`${driver}.ListNames`,
];

defineTest({
	title: 'bus: dbus-daemon and dbus-send on converted sockets',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const names = await bus.run('dbus-send', ...listNames);
		t.regex(names, /string "org\.freedesktop\.DBus"\n +string ":1\.0"/);
		t.deepEqual(await bus.report(), [
			`listen done dbus-daemon ${bus.paths[0]}`,
			`listen done dbus-daemon ${bus.paths[1]}`,
			`connect done dbus-send ${bus.paths[0]}`,
		]);
		const { buses } = await readListing();
		// Hello and ListNames
		t.deepEqual(
			buses.map((known) => [known.get('received'), known.get('suspects')]),
			[['2', '0']],
		);
	},
});

/** The members of the lines of connections for which a member has a value other than 0. */
async function connectionsWith(member: string): Promise<string[]> {
	const { connections } = await readListing();
	return connections
		.filter((connection) => connection.get(member) !== '0')
		.map((connection) => connection.get('name') ?? '');
}

defineTest({
	title: 'bus: a monitor is known as long as it is there',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const client = await connectToBus(bus.paths[0]);
		const monitor = execa('dbus-monitor', ['--session', '--profile'], { env: bus.environment });
		// It prints what it sees from when it is a monitor.
		const seen = once(monitor.stdout, 'data');
		while ((await connectionsWith('monitor')).length === 0) {
			await client.call('GetId');
		}
		await client.call('GetId');
		await seen;
		const { buses } = await readListing();
		t.is(buses[0]?.get('monitors'), '1');
		t.deepEqual(await client.call('ListNames'), [driver, client.name]);
		monitor.kill();
		await monitor.catch(() => undefined);
		while ((await connectionsWith('monitor')).length > 0) {
			await client.call('GetId');
		}
		t.is((await readListing()).buses[0]?.get('monitors'), '0');
		await client.close();
	},
});

defineTest({
	title: 'bus: an eavesdropper is known as long as its rule is there',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const client = await connectToBus(bus.paths[0]);
		const known = async () => (await readListing()).buses[0]?.get('eavesdroppers');
		const rule = "type='signal',eavesdrop='true'";
		await client.call('AddMatch', "arg0='eavesdrop'");
		t.is(await known(), '0');
		await client.call('AddMatch', rule);
		t.is(await known(), '1');
		t.true((await client.call('RemoveMatch', "eavesdrop='true'")) instanceof Error);
		await client.call('AddMatch', "type='signal'");
		await client.call('RemoveMatch', "type='signal',eavesdrop='false'");
		t.is(await known(), '1');
		await client.call('RemoveMatch', rule);
		t.is(await known(), '0');
		await client.close();
	},
});

/** What the kernel knows must be what the daemon answers to any client. */
async function compare(t: ExecutionContext, clients: readonly BusClient[]): Promise<void> {
	// The daemon has written to each client all that it did before.
	await Promise.all(clients.map(({ call }) => call('GetId')));
	const [asked] = clients;
	if (asked === undefined) {
		throw new Error('there must be a client to ask the daemon');
	}
	const { names, connections, buses } = await readListing();
	const known = await asked.call('ListNames');
	const expected = Array.isArray(known) ? known.filter((name) => name !== driver) : [];
	t.deepEqual([...names.keys()].toSorted(), expected.toSorted());
	for (const name of expected) {
		t.deepEqual(names.get(name), await asked.call('ListQueuedOwners', name), name);
		t.deepEqual(names.get(name)?.[0] ?? '', await asked.call('GetNameOwner', name));
	}
	for (const connection of connections) {
		const pid = await asked.call('GetConnectionUnixProcessID', connection.get('name') ?? '');
		t.is(connection.get('pid'), String(pid));
		t.is(connection.get('unsure'), '0');
	}
	t.is(buses.length, 1);
	t.is(buses[0]?.get('connections'), String(clients.length));
}

/** Numbers that look random and are the same in each run. */
function* pseudorandom(seed: number): Generator<number, never> {
	let state = seed;
	for (;;) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		yield state >>> 8;
	}
}

/** Connects to a bus's listeners in turn: from here, and from other processes. */
function connectFromEverywhere(t: ExecutionContext, bus: TestBus): () => Promise<BusClient> {
	const ways = [
		connectToBus,
		startClientProcess(t, {}),
		startClientProcess(t, bus.environment),
		startClientProcess(t, bus.environment),
	];
	let count = 0;
	return async () => {
		const connect = ways[count % ways.length] ?? connectToBus;
		// Both listeners, from each process
		const path = bus.paths[Math.floor(count / ways.length) % 2] ?? bus.paths[0];
		count += 1;
		return await connect(path);
	};
}

const rounds = 10;
const operations = 200;

defineTest({
	title: 'bus: names come, wait, are replaced and go, and the kernel knows as the daemon does',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const connect = connectFromEverywhere(t, bus);
		const random = pseudorandom(1);
		const pick = (count: number): number => random.next().value % count;
		const clients: BusClient[] = [];
		for (let round = 0; round < rounds; round++) {
			while (clients.length < 12) {
				clients.push(await connect());
			}
			await Promise.all(
				Array.from({ length: operations }, async () => {
					const client = clients[pick(clients.length)];
					const name = `org.example.Name${pick(10)}`;
					// dbus-daemon answers those, too, that want no answer.
					const act = pick(4) === 0 ? client?.send : client?.call;
					// All combinations of RequestName's flags
					await (pick(3) === 0 ? act?.('ReleaseName', name) : act?.('RequestName', name, pick(8)));
				}),
			);
			await compare(t, clients);
			const leaving = clients.splice(pick(clients.length), 1)[0];
			const gone = leaving?.name ?? '';
			await leaving?.close();
			// Until the daemon has noticed
			while ((await clients[0]?.call('NameHasOwner', gone)) !== 0) {
				await new Promise((resolve) => setImmediate(resolve));
			}
			await compare(t, clients);
		}
		const converted = (await bus.report()).filter((line) => line.startsWith('connect done'));
		t.true(converted.length >= 6, converted.join('\n'));
		await Promise.all(clients.map(({ close }) => close()));
	},
});

const allowReplacement = 1;
const replaceExisting = 2;

defineTest({
	title: 'bus: who is told late that it owned a name is not taken for its owner',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const late = await connectToBus(bus.paths[0]);
		const client = await connectToBus(bus.paths[1]);
		const name = 'org.example.Late';
		const owners = async () => (await readListing()).names.get(name);
		await late.setReading(false);
		// More than fits into the socket, so that what comes then waits in the daemon.
		const replies = Array.from({ length: 2000 }, () => late.call('GetId'));
		const request = late.call('RequestName', name, allowReplacement);
		while ((await client.call('NameHasOwner', name)) !== 1) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		t.is(await owners(), undefined);
		t.is(await client.call('RequestName', name, replaceExisting), 1);
		t.deepEqual(await owners(), [client.name]);
		await late.setReading(true);
		await Promise.all([...replies, request]);
		await compare(t, [client, late]);
		t.deepEqual(await owners(), [client.name, late.name]);
		await Promise.all([late.close(), client.close()]);
	},
});
