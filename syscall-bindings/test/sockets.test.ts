// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of sockets, tried on AF_UNIX, which every kernel has; and what AF_DBUS says where the
 * kernel has none. What only AF_DBUS can show is in ltp-style-tests.
 */
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
	acceptConnection,
	AF_DBUS,
	AF_UNIX,
	bindSocket,
	closeDescriptor,
	connectDbus,
	connectSocket,
	dbusConnection,
	isDbusSocket,
	isOnlyWayIn,
	isSystemError,
	listenDbus,
	listenSocket,
	MSG_DONTWAIT,
	MSG_PEEK,
	openSocket,
	peerAddress,
	pollDescriptor,
	POLLHUP,
	POLLIN,
	POLLNVAL,
	POLLOUT,
	receiveBytes,
	sendBytes,
	setOnlyWayIn,
	SHUT_WR,
	shutdownSocket,
	SOCK_CLOEXEC,
	SOCK_DGRAM,
	SOCK_NONBLOCK,
	SOCK_STREAM,
	socketAddress,
	upgradeToDbus,
} from '@fastipc/syscall-bindings';
import test, { type ExecutionContext } from 'ava';

import { titleWhenSkipped, whyDbusIsMissing } from './helpers/kernel-support.js';

const AF_INET = 2;
const missing = whyDbusIsMissing();

/** Opens a socket that the test's end closes. */
function open(t: ExecutionContext, family = AF_UNIX, type = SOCK_STREAM | SOCK_CLOEXEC): number {
	const descriptor = openSocket(family, type);
	t.teardown(() => {
		closeDescriptor(descriptor);
	});
	return descriptor;
}

function temporaryDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(path.join(tmpdir(), 'sockets-'));
	t.teardown(() => {
		rmSync(directory, { recursive: true });
	});
	return directory;
}

/** A listener without waiting, a client, and the accepted end. */
function connectPair(t: ExecutionContext) {
	const listener = open(t, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	bindSocket(listener, { family: AF_UNIX, path: '' });
	listenSocket(listener);
	const client = open(t);
	connectSocket(client, socketAddress(listener));
	const accepted = acceptConnection(listener, SOCK_NONBLOCK);
	if (accepted === undefined) {
		throw new Error('nobody waited at the listener');
	}
	return { listener, client, accepted };
}

for (const [kind, makePath] of Object.entries({
	'a path': (t: ExecutionContext) => path.join(temporaryDirectory(t), 'sōcket'),
	'the longest path': (t: ExecutionContext) => {
		const directory = temporaryDirectory(t);
		return path.join(directory, 'x'.repeat(106 - directory.length));
	},
	'an abstract name': () => `\0sockets-${process.pid}`,
	'an abstract name with a NUL in it': () => `\0sockets\0${process.pid}\0`,
	'the longest abstract name': () => `\0${String(process.pid).padEnd(107, 'x')}`,
})) {
	test(`${kind} comes back as it was given`, (t) => {
		const address = { family: AF_UNIX, path: makePath(t) };
		const listener = open(t);
		bindSocket(listener, address);
		listenSocket(listener);
		t.deepEqual(socketAddress(listener), address);
		const client = open(t);
		connectSocket(client, address);
		t.deepEqual(peerAddress(client), address);
		t.deepEqual(socketAddress(client), { family: AF_UNIX, path: '' });
	});
}

test('who binds to nothing is given an abstract name', (t) => {
	const descriptor = open(t);
	bindSocket(descriptor, { family: AF_UNIX, path: '' });
	t.regex(socketAddress(descriptor).path, /^\0[0-9a-f]{5}$/);
});

test('a path that does not fit is refused, and quoted', (t) => {
	const descriptor = open(t);
	const bind = (name: string) =>
		t.throws(() => {
			bindSocket(descriptor, { family: AF_UNIX, path: name });
		}).message;
	t.regex(
		bind('x'.repeat(108)),
		/^bindSocket: address\.path must be at most 107 bytes in UTF-8, .*, got the string 'xxx/,
	);
	t.regex(bind('ō'.repeat(54)), /at most 107 bytes/);
	t.regex(bind(`\0${'x'.repeat(108)}`), /at most 107 bytes/);
	t.regex(
		bind('half\0way'),
		/^bindSocket: address\.path must be a path without a NUL in it, got the string 'half/,
	);
	t.is(socketAddress(descriptor).path, '');
});

test('bytes go both ways, wait, and end', (t) => {
	const { client, accepted, listener } = connectPair(t);
	const buffer = Buffer.alloc(8);
	t.is(receiveBytes(accepted, buffer), undefined);
	t.is(pollDescriptor(accepted, POLLIN | POLLOUT, 0), POLLOUT);
	t.is(sendBytes(client, Buffer.from('there')), 5);
	t.is(pollDescriptor(accepted, POLLIN, 60_000), POLLIN);
	t.is(receiveBytes(accepted, buffer, MSG_PEEK), 5);
	t.is(receiveBytes(accepted, buffer), 5);
	t.is(buffer.toString('utf8', 0, 5), 'there');
	t.is(sendBytes(accepted, Buffer.from('back')), 4);
	t.is(receiveBytes(client, buffer, MSG_DONTWAIT), 4);
	t.is(receiveBytes(client, buffer, MSG_DONTWAIT), undefined);
	shutdownSocket(client, SHUT_WR);
	t.is(receiveBytes(accepted, buffer), 0);
	closeDescriptor(accepted);
	t.is(pollDescriptor(client, POLLIN, 60_000) & POLLHUP, POLLHUP);
	t.throws(() => sendBytes(client, buffer), { code: 'EPIPE' });
	t.is(acceptConnection(listener), undefined);
});

test('a full socket takes a part, then nothing', (t) => {
	const { client, accepted } = connectPair(t);
	let sent = 0;
	let took = sendBytes(accepted, Buffer.alloc(1 << 20));
	while (took !== undefined) {
		sent += took;
		took = sendBytes(accepted, Buffer.alloc(1 << 20));
	}
	t.true(sent > 4096 && sent < 1 << 28);
	t.is(pollDescriptor(accepted, POLLOUT, 0), 0);
	t.is(pollDescriptor(client, POLLIN, 0), POLLIN);
	closeDescriptor(accepted);
});

test('a listener that is full is EAGAIN', (t) => {
	const listener = open(t);
	bindSocket(listener, { family: AF_UNIX, path: '' });
	listenSocket(listener, 0);
	const address = socketAddress(listener);
	connectSocket(open(t), address);
	const late = open(t, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	t.throws(
		() => {
			connectSocket(late, address);
		},
		{ code: 'EAGAIN' },
	);
	t.is(pollDescriptor(listener, POLLIN, 0), POLLIN);
});

test('what fails is named with its arguments', (t) => {
	const descriptor = open(t);
	const message = (call: () => unknown) => t.throws(call).message;
	t.is(
		message(() => {
			connectSocket(descriptor, { family: AF_UNIX, path: '\0nobody/x' });
		}),
		`ECONNREFUSED: connection refused, connect(descriptor ${descriptor}, family 1, path "@nobody/x")`,
	);
	t.is(
		message(() => {
			bindSocket(descriptor, { family: AF_INET, path: 'x' });
		}),
		`EINVAL: invalid argument, bind(descriptor ${descriptor}, family 2, path "x")`,
	);
	t.is(
		message(() => openSocket(AF_UNIX, 7)),
		'ESOCKTNOSUPPORT: socket type not supported, socket(family 1, type 0x7, protocol 0)',
	);
	t.is(
		message(() => openSocket(AF_UNIX, SOCK_STREAM, 99)),
		'EPROTONOSUPPORT: protocol not supported, socket(family 1, type 0x1, protocol 99)',
	);
	t.is(
		message(() => acceptConnection(descriptor, 1)),
		`EINVAL: invalid argument, accept4(descriptor ${descriptor}, flags 0x1)`,
	);
	t.is(
		message(() => {
			shutdownSocket(descriptor, 3);
		}),
		`EINVAL: invalid argument, shutdown(descriptor ${descriptor}, how 3)`,
	);
	t.throws(
		() => {
			listenSocket(descriptor);
		},
		{ code: 'EINVAL' },
	);
	t.is(pollDescriptor(2 ** 31 - 1, POLLIN, 0), POLLNVAL);
	for (const call of [socketAddress, peerAddress, acceptConnection]) {
		t.throws(() => call(-1), { code: 'EBADF' });
	}
});

test('a poll ends when its time is over', (t) => {
	const before = process.hrtime.bigint();
	t.is(pollDescriptor(-1, POLLIN, 20), 0);
	t.true(process.hrtime.bigint() - before >= 20_000_000n);
});

test('other sockets are none of AF_DBUS', (t) => {
	const plain = open(t);
	t.false(isDbusSocket(plain));
	t.false(isDbusSocket(open(t, AF_INET)));
	t.throws(
		() => {
			upgradeToDbus(open(t, AF_UNIX, SOCK_DGRAM));
		},
		{ code: 'ENOTSUP' },
	);
	t.throws(
		() => {
			upgradeToDbus(open(t, AF_INET));
		},
		{ code: 'ENOPROTOOPT' },
	);
	t.throws(() => isDbusSocket(-1), { code: 'EBADF' });
	const noSocket = openSync('/dev/null', 'r');
	t.throws(() => isDbusSocket(noSocket), { code: 'ENOTSOCK' });
	closeSync(noSocket);
	for (const ask of [dbusConnection, isOnlyWayIn]) {
		const error = t.throws(() => ask(plain));
		// A kernel with AF_DBUS knows the level, not the option.
		t.true(isSystemError(error, 'ENOTSUP') || isSystemError(error, 'ENOPROTOOPT'), error.message);
	}
});

const withoutDbus = missing === undefined ? test.skip : test;

withoutDbus(
	missing === undefined
		? titleWhenSkipped('without the series', 'this kernel has AF_DBUS')
		: 'without the series each call says what to do, and leaves nothing open',
	(t) => {
		const descriptor = open(t);
		const next = openSocket(AF_UNIX);
		closeDescriptor(next);
		const name = path.join(temporaryDirectory(t), 'bus');
		t.like(
			t.throws(() => openSocket(AF_DBUS)),
			{
				code: 'EAFNOSUPPORT',
				syscall: 'socket',
				message:
					'EAFNOSUPPORT: address family not supported, socket(family 46, type 0x80001, protocol 0): ' +
					'this kernel has no AF_DBUS; boot one with the af-dbus series and CONFIG_AF_DBUS=y or =m (npm run vm)',
			},
		);
		const advice =
			'it takes an AF_UNIX stream socket and a kernel with the af-dbus series and CONFIG_AF_DBUS=y, or =m and the module loaded (modprobe dbus)';
		t.like(
			t.throws(() => {
				upgradeToDbus(descriptor);
			}),
			{
				code: 'ENOTSUP',
				syscall: 'setsockopt',
				message: `ENOTSUP: operation not supported on socket, setsockopt(descriptor ${descriptor}, level SOL_DBUS, option 1, value 1): ${advice}`,
			},
		);
		t.like(
			t.throws(() => dbusConnection(descriptor)),
			{
				code: 'ENOTSUP',
				syscall: 'getsockopt',
				message: `ENOTSUP: operation not supported on socket, getsockopt(descriptor ${descriptor}, level SOL_DBUS, option 3): ${advice}`,
			},
		);
		t.throws(
			() => {
				setOnlyWayIn(descriptor, true);
			},
			{ code: 'ENOTSUP' },
		);
		t.throws(() => connectDbus(name), { code: 'ENOTSUP' });
		t.throws(
			() => {
				listenDbus(net.createServer(), name);
			},
			{ code: 'ENOTSUP' },
		);
		t.false(existsSync(name));
		t.is(open(t), next, 'the descriptors were closed');
	},
);
