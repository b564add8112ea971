// SPDX-License-Identifier: GPL-2.0-only
import { readDbusListing } from '@fastipc/syscall-bindings/dbus-listing';
import assert from 'node:assert/strict';
import type { Teardown } from '../teardown.js';
import { connectToBus } from './bus-client.js';
import { startBus } from './daemons.js';
import { driver } from './message.js';

const name = 'org.example.Demonstration';

/** Starts Debian's dbus-daemon on AF_DBUS, and shows who is on the bus, as the kernel knows it. */
export async function demonstrateBus(t: Teardown, say: (line: string) => void): Promise<void> {
	const bus = await startBus(t, 'dbus-daemon', 'AF_DBUS');
	const client = await connectToBus(bus.path);
	assert.equal(await client.call('RequestName', name, 0), 1);
	const { names, connections } = readDbusListing();
	const answer = await client.call('ListNames');
	assert.ok(Array.isArray(answer));
	assert.deepEqual(
		names.map((known) => known.name).toSorted(),
		answer.filter((each) => each !== driver).toSorted(),
	);
	assert.equal(names.find((known) => known.name === name)?.owner, client.name);
	assert.equal(connections[0]?.pid, process.pid);
	const list = names.map((known) => `${known.name} (of ${known.owner ?? 'nobody'})`).join(', ');
	say(`AF_DBUS: the kernel knows on dbus-daemon's bus the names ${list}; so does the daemon`);
	await client.close();
}
