// SPDX-License-Identifier: GPL-2.0-only
import { nativePath } from '@fastipc/native';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import type { Teardown } from '../teardown.js';
import { startBus, type Bus } from './daemons.js';
import { setUntilEnd } from './direct-delivery.js';

/** How many calls are made while the daemon is stopped. */
const callCount = 100;

/** A call that waits for the daemon would wait for ever. */
const patienceMs = 60_000;

/** A process of native/src/bus-client, by the lines that it takes and prints. */
interface Client {
	tell: (line: string) => void;
	/** The next line. */
	hear: () => Promise<string>;
}

async function startClient(t: Teardown, bus: Bus, role: 'service' | 'caller'): Promise<Client> {
	const options = ['--workload', 'call', '--bytes', '64', '--address', `unix:path=${bus.path}`];
	const child = spawn(
		nativePath('bus-client'),
		['--library', 'sd-bus', '--role', role, ...options],
		{ env: { ...process.env, ...bus.environment }, stdio: ['pipe', 'pipe', 'inherit'] },
	);
	const ended = once(child, 'close');
	t.teardown(async () => {
		child.kill();
		await ended;
	});
	const lines: AsyncIterator<string, undefined> = readline
		.createInterface({ input: child.stdout })
		[Symbol.asyncIterator]();
	const hear = async (): Promise<string> => {
		const next = await lines.next();
		assert.ok(next.done !== true, `the ${role} ended before its time`);
		return next.value;
	};
	assert.equal(await hear(), 'started');
	assert.match(await hear(), /^ready /);
	return { tell: (line) => child.stdin.write(`${line}\n`), hear };
}

/** Has calls made, and waits until they were answered. */
async function call(caller: Client, count: number): Promise<void> {
	caller.tell(`run ${count} 0`);
	assert.match(await caller.hear(), new RegExp(`^ran ${count} `));
}

async function callWithoutDaemon(caller: Client, bus: Bus): Promise<void> {
	process.kill(bus.pid, 'SIGSTOP');
	// Whatever comes of it, the daemon must go on: it could not be ended.
	const late = setTimeout(() => process.kill(bus.pid, 'SIGCONT'), patienceMs);
	const start = performance.now();
	try {
		await call(caller, callCount);
	} finally {
		clearTimeout(late);
		process.kill(bus.pid, 'SIGCONT');
	}
	const waited = performance.now() - start;
	assert.ok(waited < patienceMs, `calls waited for the stopped daemon, ${Math.round(waited)} ms`);
}

/**
 * Calls a service while dbus-daemon is stopped. Only where the kernel delivers directly: elsewhere
 * nobody would answer.
 */
export async function demonstrateStoppedDaemon(
	t: Teardown,
	say: (line: string) => void,
): Promise<void> {
	// Flows are to live longer than this takes.
	setUntilEnd(t, 'flow_lifetime_ms', 60_000);
	const bus = await startBus(t, 'dbus-daemon', 'AF_DBUS');
	const service = await startClient(t, bus, 'service');
	const caller = await startClient(t, bus, 'caller');
	service.tell('serve');
	// The kernel sees the daemon deliver.
	await call(caller, 10);
	await callWithoutDaemon(caller, bus);
	say(`AF_DBUS: with dbus-daemon stopped (SIGSTOP), ${callCount} calls by sd-bus were answered`);
}
