// SPDX-License-Identifier: GPL-2.0-only
// Run in the guest by `npm start`: two processes copy out of and into each other, and every byte is
// looked at on the other side; and a bus runs on AF_DBUS, for a while with its daemon stopped where the
// kernel delivers.
import { addressOf, copyFromProcess, copyToProcess } from '@fastipc/syscall-bindings';
import assert from 'node:assert/strict';
import process from 'node:process';
import { demonstrateBus } from './dbus/demonstrate-bus.js';
import { demonstrateStoppedDaemon } from './dbus/demonstrate-stopped-daemon.js';
import { hasDirectDelivery } from './dbus/direct-delivery.js';
import { copyFrom, copyTo, type Outcome } from './calls/ways.js';
import { pageSize, patternBytes } from './process/pattern.js';
import { startProcess, type TestProcess } from './process/test-process.js';
import { createTeardown } from './teardown.js';

const pages = 256;
const length = pages * pageSize;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** This process copies, the other one only has the memory. */
async function copyWith(other: TestProcess): Promise<void> {
	const address = await other.map('anonymous', pages);
	await other.fill(address, length, 1);
	const buffer = new Uint8Array(length);
	assert.equal(copyFromProcess(other.id, address, buffer), length);
	assert.deepEqual(buffer, patternBytes(length, 1));
	say(
		`copy_from_process(): ${process.pid} read ${length} B of ${other.id}, each as it was written`,
	);

	buffer.set(patternBytes(length, 2));
	assert.equal(copyToProcess(other.id, address, buffer), length);
	assert.equal(await other.check(address, length, 2), 'same');
	say(`copy_to_process(): ${other.id} has the ${length} B that ${process.pid} wrote`);
}

/** The other one copies out of and into this process, which doesn't take part. */
async function copyBack(other: TestProcess): Promise<void> {
	const buffer = await other.map('anonymous', pages);
	const mine = new Uint8Array(patternBytes(length, 3));
	const parameters = {
		pid: BigInt(process.pid),
		address: addressOf(mine),
		length: BigInt(length),
		buffer,
	};
	const whole: Outcome = { returned: BigInt(length), errno: 0 };
	assert.deepEqual(await other.copy(copyFrom, parameters), whole);
	assert.equal(await other.check(buffer, length, 3), 'same');
	await other.fill(buffer, length, 4);
	assert.deepEqual(await other.copy(copyTo, parameters), whole);
	assert.deepEqual(mine, patternBytes(length, 4));
	say(`and the other way round: ${other.id} read and wrote ${length} B of ${process.pid}`);
}

const teardown = createTeardown();
try {
	const other = await startProcess(teardown);
	await copyWith(other);
	await copyBack(other);
	await demonstrateBus(teardown, say);
	if (hasDirectDelivery()) {
		await demonstrateStoppedDaemon(teardown, say);
	}
} finally {
	await teardown.end();
}
