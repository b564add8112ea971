// SPDX-License-Identifier: GPL-2.0-only
import assert from 'node:assert/strict';
import { connectToBus } from './bus-client.js';
import { readListing } from './listing.js';
import { startBus, type CleanUps } from './test-bus.js';

const name = 'org.example.Demonstration';
const driver = 'org.freedesktop.DBus';

/** Starts Debian's dbus-daemon on AF_DBUS, and shows who is on the bus, as the kernel knows it. */
export async function demonstrateBus(t: CleanUps, say: (line: string) => void): Promise<void> {
	const bus = await startBus(t);
	const client = await connectToBus(bus.paths[0]);
	assert.equal(await client.call('RequestName', name, 0), 1);
	const { names, connections } = await readListing();
	const answer = await client.call('ListNames');
	assert.ok(Array.isArray(answer));
	const known = [...names].map(([each, owners]) => [each, owners[0]]);
	assert.deepEqual(
		known.map(([each]) => each).toSorted(),
		answer.filter((each) => each !== driver).toSorted(),
	);
	assert.deepEqual(names.get(name), [client.name]);
	const [connection] = connections;
	assert.equal(connection?.get('pid'), String(process.pid));
	const list = known.map(([each, owner]) => `${each} (of ${owner})`).join(', ');
	say(`AF_DBUS: the kernel knows on dbus-daemon's bus the names ${list}; so does the daemon`);
	await client.close();
}
