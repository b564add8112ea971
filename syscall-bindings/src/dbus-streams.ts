// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of AF_DBUS as Node's streams. Node asks a descriptor for its family and makes streams
 * of those that it knows: so these are AF_UNIX sockets that were converted and still say so. Of
 * what `socket(AF_DBUS)` made it makes none; for that there are the calls in sockets.ts.
 */
import { unlink } from 'node:fs';
import net from 'node:net';

import { checkInstance, checkString, integerWord } from './argument-words.js';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './constants.js';
import { upgradeToDbus } from './dbus-options.js';
import { closeDescriptor } from './process-control.js';
import { bindSocket, connectSocket, openSocket } from './sockets.js';

/** Opens a socket, converts it, and closes it again where `prepare` throws. */
function openConverted(prepare: (descriptor: number) => void): number {
	const descriptor = openSocket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	try {
		upgradeToDbus(descriptor);
		prepare(descriptor);
	} catch (error) {
		closeDescriptor(descriptor);
		throw error;
	}
	return descriptor;
}

/**
 * Connects a stream of AF_DBUS to a listener of AF_DBUS or AF_UNIX.
 * @param path of the listener, at most 107 bytes in UTF-8; an abstract name begins with `'\0'`
 * @returns the stream, connected: there will be no event `connect`
 * @throws SystemError with `syscall: 'socket'`, `'setsockopt'` or `'connect'` and a code:
 * - `ENOTSUP` (Node's name of EOPNOTSUPP) the kernel has no AF_DBUS, or its module isn't loaded
 * - `ENOENT`, `ECONNREFUSED` nobody listens there
 * - `EACCES` not allowed by the path's permissions
 * - `EAGAIN` the listener's backlog is full
 * - `EPROTOTYPE` the listener isn't a stream socket
 * - `EMFILE`, `ENFILE`, `ENOMEM` too many open files, no memory
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { once } from 'node:events';
 * import net from 'node:net';
 * import { connectDbus, listenDbus } from '@fastipc/syscall-bindings';
 *
 * const path = `\0fastipc-connect-dbus-${process.pid}`;
 * const server = net.createServer((client) => client.end('hello'));
 * listenDbus(server, path);
 * await once(server, 'listening');
 * const socket = connectDbus(path);
 * const [data] = await once(socket, 'data');
 * assert.equal(String(data), 'hello');
 * socket.end();
 * server.close();
 * ```
 */
export function connectDbus(path: string): net.Socket {
	const checked = checkString('connectDbus', path, 'path');
	const descriptor = openConverted((opened) => {
		connectSocket(opened, { family: AF_UNIX, path: checked });
	});
	return new net.Socket({ fd: descriptor, readable: true, writable: true });
}

/**
 * Has a server of Node's listen on a socket of AF_DBUS. Its clients may be of AF_DBUS or AF_UNIX.
 * As with Node's own `listen`, the event `listening` tells when, `error` that it failed, and the
 * path is removed when the server closes.
 * @param server one that doesn't listen yet
 * @param path where, at most 107 bytes in UTF-8; an abstract name begins with `'\0'`
 * @param backlog how many connections may wait, 0 to 2^31 − 1; the kernel takes no more than
 * `/proc/sys/net/core/somaxconn`
 * @throws SystemError with `syscall: 'socket'`, `'setsockopt'` or `'bind'` and a code:
 * - `ENOTSUP` (Node's name of EOPNOTSUPP) the kernel has no AF_DBUS, or its module isn't loaded
 * - `EADDRINUSE` there is something of that name
 * - `ENOENT`, `ENOTDIR`, `EACCES`, `EROFS` no folder for it, or not allowed there
 * - `EMFILE`, `ENFILE`, `ENOMEM` too many open files, no memory
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import net from 'node:net';
 * import { listenDbus } from '@fastipc/syscall-bindings';
 *
 * const server = net.createServer();
 * listenDbus(server, `\0fastipc-listen-${process.pid}`);
 * await once(server, 'listening');
 * server.close();
 * ```
 */
export function listenDbus(server: net.Server, path: string, backlog = 511): void {
	const checkedServer = checkInstance('listenDbus', server, 'server', net.Server);
	const checkedPath = checkString('listenDbus', path, 'path');
	integerWord({ caller: 'listenDbus', argument: 'backlog' }, backlog, 0, 2 ** 31 - 1);
	const descriptor = openConverted((opened) => {
		bindSocket(opened, { family: AF_UNIX, path: checkedPath });
	});
	if (!checkedPath.startsWith('\0') && checkedPath !== '') {
		// It may have been removed by somebody else before: that is no error here.
		checkedServer.once('close', () => {
			unlink(checkedPath, () => undefined);
		});
	}
	checkedServer.listen({ fd: descriptor, backlog });
}
