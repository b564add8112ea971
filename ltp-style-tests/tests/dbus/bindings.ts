// SPDX-License-Identifier: GPL-2.0-only
// How syscall-bindings gets at AF_DBUS: by calls, by Node's streams, and what it says of errors.
import {
	acceptConnection,
	AF_DBUS,
	AF_UNIX,
	bindSocket,
	closeDescriptor,
	connectDbus,
	connectSocket,
	DBUS_CONNECTION_AUTHENTICATED,
	dbusConnection,
	isDbusSocket,
	isOnlyWayIn,
	listenDbus,
	listenSocket,
	openSocket,
	peerAddress,
	pollDescriptor,
	POLLIN,
	receiveBytes,
	sendBytes,
	setOnlyWayIn,
	SOCK_CLOEXEC,
	SOCK_DGRAM,
	SOCK_NONBLOCK,
	SOCK_STREAM,
	socketAddress,
	upgradeToDbus,
} from '@fastipc/syscall-bindings';
import { readDbusListing } from '@fastipc/syscall-bindings/dbus-listing';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { daemonPrograms, startBus } from '../../src/dbus/daemons.js';
import { busCall } from '../../src/dbus/message.js';
import { defineTable, defineTest } from '../../src/needs/define-test.js';
import type { Needs } from '../../src/needs/needs.js';
import { makeTemporaryFolder } from '../../src/temporary-folder.js';

const needs: Needs = { config: ['CONFIG_AF_DBUS'] };
const streamType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

/** The ways to a socket of AF_DBUS, and what it calls itself. */
const ways = [
	{ way: 'socket(AF_DBUS)', family: AF_DBUS, open: () => openSocket(AF_DBUS, streamType) },
	{
		way: 'conversion',
		family: AF_UNIX,
		open: () => {
			const descriptor = openSocket(AF_UNIX, streamType);
			upgradeToDbus(descriptor);
			return descriptor;
		},
	},
] as const;
type Way = (typeof ways)[number];

/** Opens a socket that the test's end closes. */
function open(t: ExecutionContext, way: Pick<Way, 'open'>): number {
	const descriptor = way.open();
	t.teardown(() => {
		closeDescriptor(descriptor);
	});
	return descriptor;
}

const plain = { open: () => openSocket(AF_UNIX, streamType) };

function openListener(t: ExecutionContext, way: Way) {
	const listener = open(t, way);
	bindSocket(listener, { family: way.family, path: '' });
	listenSocket(listener);
	return { listener, path: socketAddress(listener).path };
}

async function temporaryPath(t: ExecutionContext): Promise<string> {
	const directory = await makeTemporaryFolder(t, 'dbus-');
	return path.join(directory, 'bus');
}

defineTable({
	rows: ways.flatMap((listening) => ways.map((connecting) => ({ listening, connecting }))),
	title: ({ listening, connecting }) =>
		`dbus bindings: from a socket by ${connecting.way} to a listener by ${listening.way}`,
	needs,
	check: (t, { listening, connecting }) => {
		const { listener, path } = openListener(t, listening);
		t.is(acceptConnection(listener), undefined);
		const client = open(t, connecting);
		t.throws(() => dbusConnection(client), { code: 'ENOTCONN' });
		connectSocket(client, { family: connecting.family, path });
		t.throws(() => dbusConnection(client), { code: 'ENOTCONN' }, 'nobody has accepted it');
		const accepted = acceptConnection(listener, SOCK_NONBLOCK) ?? -1;
		t.teardown(() => {
			closeDescriptor(accepted);
		});
		t.deepEqual(peerAddress(client), { family: connecting.family, path });
		t.deepEqual(socketAddress(accepted), { family: listening.family, path });
		const known = dbusConnection(accepted);
		t.like(known, { flags: 0, names: 0, receivedMessages: 0n, uniqueName: undefined });
		t.deepEqual(dbusConnection(client), known);
		t.is(receiveBytes(accepted, Buffer.alloc(9)), undefined);
		t.is(sendBytes(client, Buffer.from('not D-Bus')), 9);
		t.is(pollDescriptor(accepted, POLLIN, 0), POLLIN);
		const received = Buffer.alloc(9);
		t.is(receiveBytes(accepted, received), 9);
		t.is(received.toString(), 'not D-Bus');
	},
});

defineTest({
	title: 'dbus bindings: what is refused',
	needs,
	check: (t) => {
		t.throws(() => openSocket(AF_DBUS, SOCK_DGRAM), { code: 'ESOCKTNOSUPPORT' });
		t.throws(() => openSocket(AF_DBUS, SOCK_STREAM, 1), { code: 'EPROTONOSUPPORT' });
		for (const way of ways) {
			const descriptor = open(t, way);
			t.true(isDbusSocket(descriptor));
			t.false(isOnlyWayIn(descriptor));
			t.throws(
				() => {
					upgradeToDbus(descriptor);
				},
				{ code: 'EALREADY' },
			);
			t.throws(
				() => {
					setOnlyWayIn(descriptor, true);
				},
				{ code: 'EINVAL' },
			);
			const other = way.family === AF_DBUS ? AF_UNIX : AF_DBUS;
			t.throws(
				() => {
					bindSocket(descriptor, { family: other, path: '' });
				},
				{ code: 'EINVAL' },
			);
			const { listener, path } = openListener(t, way);
			for (const value of [true, false]) {
				setOnlyWayIn(listener, value);
				t.is(isOnlyWayIn(listener), value);
			}
			const client = open(t, plain);
			connectSocket(client, { family: AF_UNIX, path });
			t.throws(
				() => {
					upgradeToDbus(client);
				},
				{ code: 'EISCONN' },
			);
			t.false(isDbusSocket(client));
			for (const ask of [isOnlyWayIn, dbusConnection]) {
				t.throws(() => ask(client), { code: 'ENOTSUP' });
			}
		}
	},
});

defineTest({
	title: "dbus bindings: Node makes streams of converted sockets, not of socket(AF_DBUS)'s",
	needs,
	check: (t) => {
		const [made, converted] = ways.map((way) => way.open());
		t.throws(() => new net.Socket({ fd: made ?? -1 }), { code: 'ERR_INVALID_FD_TYPE' });
		closeDescriptor(made ?? -1);
		t.notThrows(() => new net.Socket({ fd: converted ?? -1 }).destroy());
	},
});

/** Listens as an echo, and says at whom it was: how many connections the kernel counts. */
async function startEchoServer(t: ExecutionContext, at: string): Promise<net.Server> {
	const server = net.createServer((client) => client.pipe(client));
	listenDbus(server, at);
	await once(server, 'listening');
	t.teardown(() => {
		server.close();
	});
	return server;
}

defineTable({
	rows: [
		{ client: 'connectDbus()', connect: connectDbus },
		{ client: "Node's own connect()", connect: (path: string) => net.connect(path) },
	],
	title: ({ client }) => `dbus bindings: listenDbus(), and a megabyte there and back by ${client}`,
	needs,
	check: async (t, { connect }) => {
		const at = await temporaryPath(t);
		const server = await startEchoServer(t, at);
		const sent = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => index % 251));
		const client = connect(at);
		const [received] = await Promise.all([
			buffer(client),
			once(server, 'connection').then(() => {
				const [bus] = readDbusListing().buses.filter(({ pid }) => pid === process.pid);
				t.is(bus?.connections, 1);
				client.end(sent);
			}),
		]);
		t.true(received.equals(sent));
		server.close();
		await once(server, 'close');
		while (existsSync(at)) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		t.throws(() => connectDbus(at), { code: 'ENOENT' });
	},
});

const command = path.join(
	path.dirname(fileURLToPath(import.meta.resolve('@fastipc/syscall-bindings/package.json'))),
	'bin/fastipc-dbus.js',
);

/** Waits for bytes and returns what is there. */
function receiveSome(descriptor: number): Buffer {
	pollDescriptor(descriptor, POLLIN, 60_000);
	const bytes = Buffer.alloc(65536);
	return bytes.subarray(0, receiveBytes(descriptor, bytes) ?? 0);
}

defineTest({
	title: 'dbus bindings: what the kernel knows of a client of dbus-daemon, and the command shows',
	needs: {
		...needs,
		root: true,
		programs: [daemonPrograms['dbus-daemon']],
	},
	check: async (t) => {
		const bus = await startBus(t, 'dbus-daemon', 'AF_DBUS');
		const client = open(t, ways[0]);
		connectSocket(client, { family: AF_DBUS, path: bus.path });
		const uid = Buffer.from(`${process.getuid?.() ?? 0}`).toString('hex');
		sendBytes(client, Buffer.from(`\0AUTH EXTERNAL ${uid}\r\n`));
		t.regex(receiveSome(client).toString(), /^OK [0-9a-f]{32}\r\n$/);
		t.like(dbusConnection(client), { flags: DBUS_CONNECTION_AUTHENTICATED, uniqueName: undefined });
		sendBytes(client, Buffer.concat([Buffer.from('BEGIN\r\n'), busCall(1, 'Hello', [])]));
		receiveSome(client);
		const known = dbusConnection(client);
		t.like(known, {
			flags: DBUS_CONNECTION_AUTHENTICATED,
			names: 1,
			receivedMessages: 1n,
			uniqueName: ':1.0',
		});
		const { buses, connections, names } = readDbusListing();
		t.is(buses.find(({ id }) => BigInt(id) === known.bus)?.pid, bus.pid);
		const listed = connections.filter((connection) => BigInt(connection.bus) === known.bus);
		t.like(listed[0], { pid: process.pid, name: ':1.0', received: 1, names: 1 });
		t.is(listed.length, 1);
		t.true(names.some(({ name, owner }) => name === ':1.0' && owner === ':1.0'));
		const shown = await execa(command);
		t.regex(shown.stdout, new RegExp(`^bus \\d+: pid ${bus.pid} \\(dbus-daemon\\), `, 'm'));
		const json = await execa(command, ['--json']);
		t.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(readDbusListing())));
	},
});
