// SPDX-License-Identifier: GPL-2.0-only
// Debian's daemon and clients on AF_DBUS: nothing is different, and the kernel knows who is there.
import type { ExecutionContext } from 'ava';
import { connectToBus, type BusClient } from '../src/bus/bus-client.js';
import { readListing } from '../src/bus/listing.js';
import { startBus } from '../src/bus/test-bus.js';
import { defineTest } from '../src/needs/define-test.js';

const needs = { root: true, config: ['CONFIG_AF_DBUS'] } as const;
const driver = 'org.freedesktop.DBus';

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
			buses.map((known) => [known.get('received'), known.get('unwatched')]),
			[['2', '0']],
		);
	},
});

const listNames = [
	'--session',
	'--print-reply',
	`--dest=${driver}`,
	'/org/freedesktop/DBus',
	`${driver}.ListNames`,
];

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

defineTest({
	title: 'bus: names come, wait, are replaced and go, and the kernel knows as the daemon does',
	needs,
	check: async (t) => {
		const bus = await startBus(t);
		const random = pseudorandom(1);
		const pick = (count: number): number => random.next().value % count;
		const clients: BusClient[] = [];
		for (let round = 0; round < 8; round++) {
			while (clients.length < 12) {
				clients.push(await connectToBus(bus.paths[clients.length % 2 === 0 ? 0 : 1]));
			}
			await Promise.all(
				Array.from({ length: 120 }, async () => {
					const client = clients[pick(clients.length)];
					const name = `org.example.Name${pick(10)}`;
					// All combinations of RequestName's flags
					await (pick(3) === 0
						? client?.call('ReleaseName', name)
						: client?.call('RequestName', name, pick(8)));
				}),
			);
			await compare(t, clients);
			const leaving = clients.splice(pick(clients.length), 1)[0];
			const gone = leaving?.name ?? '';
			leaving?.close();
			// Until the daemon has noticed
			while ((await clients[0]?.call('NameHasOwner', gone)) !== 0) {
				await new Promise((resolve) => setImmediate(resolve));
			}
			await compare(t, clients);
		}
		for (const client of clients) {
			client.close();
		}
	},
});
