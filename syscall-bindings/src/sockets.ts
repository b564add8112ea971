// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of AF_UNIX and AF_DBUS by their system calls. Those that wait do so with all of Node,
 * unless the socket is non-blocking (`SOCK_NONBLOCK`) or the call is told not to (`MSG_DONTWAIT`).
 */
import { constants } from 'node:os';

import { checkBuffer, descriptorWord, flagsWord, integerWord } from './argument-words.js';
import { AF_DBUS, SOCK_CLOEXEC, SOCK_STREAM } from './constants.js';
import {
	decodeAddress,
	describeAddress,
	encodeAddress,
	longestAddress,
	type SocketAddress,
} from './socket-address.js';
import { callIfReady, callOrThrow, hexadecimal } from './system-call.js';

const largestInt = 2 ** 31 - 1;

function adviseOnFamily(family: number, errno: number): string | undefined {
	return family === AF_DBUS && errno === constants.errno.EAFNOSUPPORT
		? 'this kernel has no AF_DBUS; boot one with the af-dbus series and CONFIG_AF_DBUS=y or =m (npm run vm)'
		: undefined;
}

/**
 * Makes a socket: `socket(2)`. Close it with {@link closeDescriptor}.
 * @param family such as `AF_UNIX` or `AF_DBUS`, 0 to 65535
 * @param type `SOCK_STREAM`, all that AF_DBUS has, or another; with `SOCK_NONBLOCK` and
 * `SOCK_CLOEXEC`. Default: `SOCK_STREAM | SOCK_CLOEXEC`
 * @param protocol 0, all that AF_DBUS has, to 2^31 − 1
 * @returns the descriptor
 * @throws SystemError with `syscall: 'socket'` and a code:
 * - `EAFNOSUPPORT` the kernel has no such family; of AF_DBUS the message says how to get it
 * - `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT` the family has no such type or protocol
 * - `EINVAL` an unknown flag
 * - `EMFILE`, `ENFILE`, `ENOMEM` too many open files, no memory
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { AF_UNIX, closeDescriptor, openSocket } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * closeDescriptor(descriptor);
 * ```
 */
export function openSocket(
	family: number,
	type = SOCK_STREAM | SOCK_CLOEXEC,
	protocol = 0,
): number {
	const caller = 'openSocket';
	const words = [
		integerWord({ caller, argument: 'family' }, family, 0, 65535),
		integerWord({ caller, argument: 'type' }, type, 0, largestInt),
		integerWord({ caller, argument: 'protocol' }, protocol, 0, largestInt),
	];
	const descriptor = callOrThrow(
		'socket',
		words,
		() => `family ${family}, type 0x${type.toString(16)}, protocol ${protocol}`,
		(errno) => adviseOnFamily(family, errno),
	);
	return Number(descriptor);
}

function callWithAddress(
	call: 'bind' | 'connect',
	caller: string,
	given: { descriptor: number; address: SocketAddress },
): void {
	const word = descriptorWord(caller, given.descriptor);
	const address = encodeAddress(caller, given.address);
	callOrThrow(
		call,
		[word, address, BigInt(address.length)],
		() => `descriptor ${word}, ${describeAddress(given.address)}`,
	);
}

/**
 * Gives a socket a name: `bind(2)`. A path stays when the socket is closed: remove it as a file.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @param address its family has to be the socket's; an empty path gives it an abstract name
 * @throws SystemError with `syscall: 'bind'` and a code:
 * - `EADDRINUSE` there is something of that name
 * - `EINVAL` it has a name already, or the family is another
 * - `ENOENT`, `ENOTDIR`, `EACCES`, `EROFS` no folder for it, or not allowed there
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_UNIX,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	openSocket,
 * 	socketAddress,
 * } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * const address = { family: AF_UNIX, path: `\0fastipc-bind-${process.pid}` };
 * bindSocket(descriptor, address);
 * assert.deepEqual(socketAddress(descriptor), address);
 * closeDescriptor(descriptor);
 * ```
 */
export function bindSocket(descriptor: number, address: SocketAddress): void {
	callWithAddress('bind', 'bindSocket', { descriptor, address });
}

/**
 * Connects a socket to a listener: `connect(2)`. A client of AF_DBUS may connect to a listener of
 * AF_UNIX and the other way round, each naming its own family.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @param address the listener's path, with the family of this socket
 * @throws SystemError with `syscall: 'connect'` and a code:
 * - `EAGAIN` the socket is non-blocking and the listener's backlog is full: try later, as nothing
 * tells when
 * - `ENOENT`, `ECONNREFUSED` nobody listens there
 * - `EACCES` not allowed by the path's permissions
 * - `EISCONN` it is connected
 * - `EINVAL` the family is another, or it listens
 * - `EPROTOTYPE` the listener is of another type
 * - `EINTR` a signal came while it waited
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_UNIX,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	connectSocket,
 * 	listenSocket,
 * 	openSocket,
 * 	peerAddress,
 * } from '@fastipc/syscall-bindings';
 *
 * const address = { family: AF_UNIX, path: `\0fastipc-connect-socket-${process.pid}` };
 * const listener = openSocket(AF_UNIX);
 * bindSocket(listener, address);
 * listenSocket(listener);
 * const client = openSocket(AF_UNIX);
 * connectSocket(client, address);
 * assert.deepEqual(peerAddress(client), address);
 * closeDescriptor(client);
 * closeDescriptor(listener);
 * ```
 */
export function connectSocket(descriptor: number, address: SocketAddress): void {
	callWithAddress('connect', 'connectSocket', { descriptor, address });
}

/**
 * Lets others connect to a socket: `listen(2)`.
 * @param descriptor a socket with a name, −1 to 2^31 − 1
 * @param backlog how many connections may wait to be accepted, 0 to 2^31 − 1; the kernel takes no
 * more than `/proc/sys/net/core/somaxconn`
 * @throws SystemError with `syscall: 'listen'` and a code:
 * - `EINVAL` it has no name, or is connected
 * - `ENOTSUP` it isn't of a type that can listen
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { AF_UNIX, bindSocket, closeDescriptor, listenSocket, openSocket } from '@fastipc/syscall-bindings';
 *
 * const listener = openSocket(AF_UNIX);
 * bindSocket(listener, { family: AF_UNIX, path: '' });
 * listenSocket(listener, 10);
 * closeDescriptor(listener);
 * ```
 */
export function listenSocket(descriptor: number, backlog = 4096): void {
	const caller = 'listenSocket';
	const words = [
		descriptorWord(caller, descriptor),
		integerWord({ caller, argument: 'backlog' }, backlog, 0, largestInt),
	];
	callOrThrow('listen', words, () => `descriptor ${descriptor}, backlog ${backlog}`);
}

/**
 * Takes a connection from a listener: `accept4(2)`. The process that accepts from a listener of
 * AF_DBUS is the daemon of a bus.
 * @param descriptor the listener, −1 to 2^31 − 1
 * @param flags of the new descriptor: `SOCK_NONBLOCK`, `SOCK_CLOEXEC` (the default)
 * @returns the new descriptor; undefined where the listener is non-blocking and nobody waits
 * @throws SystemError with `syscall: 'accept4'` and a code:
 * - `EINVAL` it isn't listening, or an unknown flag
 * - `EMFILE`, `ENFILE`, `ENOMEM` too many open files, no memory
 * - `EINTR` a signal came while it waited
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	acceptConnection,
 * 	AF_UNIX,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	listenSocket,
 * 	openSocket,
 * 	SOCK_NONBLOCK,
 * 	SOCK_STREAM,
 * } from '@fastipc/syscall-bindings';
 *
 * const listener = openSocket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
 * bindSocket(listener, { family: AF_UNIX, path: '' });
 * listenSocket(listener);
 * assert.equal(acceptConnection(listener), undefined);
 * closeDescriptor(listener);
 * ```
 */
export function acceptConnection(descriptor: number, flags = SOCK_CLOEXEC): number | undefined {
	const words = [
		descriptorWord('acceptConnection', descriptor),
		0n,
		0n,
		flagsWord('acceptConnection', flags),
	];
	const accepted = callIfReady(
		'accept4',
		words,
		() => `descriptor ${descriptor}, flags ${hexadecimal(BigInt.asUintN(32, BigInt(flags)))}`,
	);
	return accepted === undefined ? undefined : Number(accepted);
}

function transfer(
	call: 'sendto' | 'recvfrom',
	words: readonly [descriptor: bigint, buffer: Uint8Array, flags: bigint],
): number | undefined {
	const [descriptor, buffer, flags] = words;
	const count = callIfReady(
		call,
		[descriptor, buffer, BigInt(buffer.byteLength), flags, 0n, 0n],
		() =>
			`descriptor ${descriptor}, length ${buffer.byteLength}, flags ${hexadecimal(BigInt.asUintN(32, flags))}`,
	);
	return count === undefined ? undefined : Number(count);
}

/**
 * Sends bytes to the other end of a connection: `send(2)`.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @param bytes what is sent
 * @param flags `MSG_…` bits
 * @returns how many were taken, fewer than given where no more fit; undefined where it is
 * non-blocking and none fit now
 * @throws SystemError with `syscall: 'sendto'` and a code:
 * - `EPIPE` the other end is closed, or this one was shut down (Node ignores SIGPIPE)
 * - `ENOTCONN` it isn't connected
 * - `EINTR` a signal came while it waited
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_UNIX,
 * 	closeDescriptor,
 * 	isSystemError,
 * 	openSocket,
 * 	sendBytes,
 * } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * assert.throws(
 * 	() => sendBytes(descriptor, Buffer.from('to nobody')),
 * 	(error) => isSystemError(error, 'ENOTCONN'),
 * );
 * closeDescriptor(descriptor);
 * ```
 */
export function sendBytes(descriptor: number, bytes: Uint8Array, flags = 0): number | undefined {
	const caller = 'sendBytes';
	const word = descriptorWord(caller, descriptor);
	const checked = checkBuffer(caller, bytes, 'bytes');
	return transfer('sendto', [word, checked, flagsWord(caller, flags)]);
}

/**
 * Receives bytes from the other end of a connection: `recv(2)`.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @param buffer filled from its beginning
 * @param flags `MSG_…` bits
 * @returns how many bytes came, 0 at the end of the stream; undefined where it is non-blocking
 * and none are there
 * @throws SystemError with `syscall: 'recvfrom'` and a code:
 * - `ECONNRESET` the other end closed without having read all
 * - `EINVAL`, `ENOTCONN` it isn't connected
 * - `EINTR` a signal came while it waited
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	acceptConnection,
 * 	AF_UNIX,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	connectSocket,
 * 	listenSocket,
 * 	MSG_DONTWAIT,
 * 	openSocket,
 * 	receiveBytes,
 * 	sendBytes,
 * } from '@fastipc/syscall-bindings';
 *
 * const address = { family: AF_UNIX, path: `\0fastipc-receive-${process.pid}` };
 * const listener = openSocket(AF_UNIX);
 * bindSocket(listener, address);
 * listenSocket(listener);
 * const client = openSocket(AF_UNIX);
 * connectSocket(client, address);
 * const accepted = acceptConnection(listener);
 * assert.ok(accepted !== undefined);
 * const buffer = Buffer.alloc(16);
 * assert.equal(receiveBytes(accepted, buffer, MSG_DONTWAIT), undefined);
 * assert.equal(sendBytes(client, Buffer.from('hello')), 5);
 * assert.equal(receiveBytes(accepted, buffer), 5);
 * assert.equal(buffer.toString('utf8', 0, 5), 'hello');
 * closeDescriptor(client);
 * assert.equal(receiveBytes(accepted, buffer), 0);
 * closeDescriptor(accepted);
 * closeDescriptor(listener);
 * ```
 */
export function receiveBytes(
	descriptor: number,
	buffer: Uint8Array,
	flags = 0,
): number | undefined {
	const caller = 'receiveBytes';
	const word = descriptorWord(caller, descriptor);
	const checked = checkBuffer(caller, buffer);
	return transfer('recvfrom', [word, checked, flagsWord(caller, flags)]);
}

/**
 * Ends one direction of a connection, or both: `shutdown(2)`.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @param how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`
 * @throws SystemError with `syscall: 'shutdown'` and a code:
 * - `EINVAL` `how` is none of these
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { AF_UNIX, closeDescriptor, openSocket, SHUT_WR, shutdownSocket } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * shutdownSocket(descriptor, SHUT_WR);
 * closeDescriptor(descriptor);
 * ```
 */
export function shutdownSocket(descriptor: number, how: number): void {
	const words = [
		descriptorWord('shutdownSocket', descriptor),
		flagsWord('shutdownSocket', how, 'how'),
	];
	callOrThrow('shutdown', words, () => `descriptor ${descriptor}, how ${how}`);
}

function askAddress(call: 'getsockname' | 'getpeername', descriptor: bigint): SocketAddress {
	const address = Buffer.alloc(longestAddress + 1);
	const length = Int32Array.of(address.length);
	callOrThrow(
		call,
		[descriptor, address, new Uint8Array(length.buffer)],
		() => `descriptor ${descriptor}`,
	);
	return decodeAddress(address.subarray(0, length[0]));
}

/**
 * The name of a socket of AF_UNIX or AF_DBUS: `getsockname(2)`.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @returns its family, and an empty path where it has no name. A converted socket says AF_UNIX.
 * @throws SystemError with `syscall: 'getsockname'`: `EBADF`, `ENOTSOCK` where it isn't open, or
 * no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, closeDescriptor, openSocket, socketAddress } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * assert.deepEqual(socketAddress(descriptor), { family: AF_UNIX, path: '' });
 * closeDescriptor(descriptor);
 * ```
 */
export function socketAddress(descriptor: number): SocketAddress {
	return askAddress('getsockname', descriptorWord('socketAddress', descriptor));
}

/**
 * The name of the socket at the other end: `getpeername(2)`.
 * @param descriptor a connected socket of AF_UNIX or AF_DBUS, −1 to 2^31 − 1
 * @returns the family of this end, and an empty path where the other has no name
 * @throws SystemError with `syscall: 'getpeername'` and a code:
 * - `ENOTCONN` it isn't connected
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_UNIX,
 * 	closeDescriptor,
 * 	isSystemError,
 * 	openSocket,
 * 	peerAddress,
 * } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * assert.throws(
 * 	() => peerAddress(descriptor),
 * 	(error) => isSystemError(error, 'ENOTCONN'),
 * );
 * closeDescriptor(descriptor);
 * ```
 */
export function peerAddress(descriptor: number): SocketAddress {
	return askAddress('getpeername', descriptorWord('peerAddress', descriptor));
}

/** struct pollfd: the descriptor, what is waited for, what there is. */
function pollMemory(descriptor: bigint, events: bigint): Buffer {
	const memory = Buffer.alloc(8);
	memory.writeInt32LE(Number(descriptor));
	memory.writeUInt16LE(Number(events), 4);
	return memory;
}

/**
 * Waits until something can be done with a descriptor: `ppoll(2)`. Node waits with it.
 * @param descriptor any, −1 to 2^31 − 1; for −1 it only waits
 * @param events what is waited for, `POLL…` bits, 0 to 65535
 * @param milliseconds for how long at most, 0 to 2^31 − 1
 * @returns which of them there are, and of `POLLERR`, `POLLHUP`, `POLLNVAL`; 0 when the time is over
 * @throws SystemError with `syscall: 'ppoll'`: `EINTR` where a signal came
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, closeDescriptor, openSocket, pollDescriptor, POLLHUP, POLLIN } from '@fastipc/syscall-bindings';
 *
 * // Of a socket that isn't connected.
 * const descriptor = openSocket(AF_UNIX);
 * assert.equal(pollDescriptor(descriptor, POLLIN, 0), POLLHUP);
 * closeDescriptor(descriptor);
 * ```
 */
export function pollDescriptor(descriptor: number, events: number, milliseconds: number): number {
	const caller = 'pollDescriptor';
	const memory = pollMemory(
		descriptorWord(caller, descriptor),
		integerWord({ caller, argument: 'events' }, events, 0, 65535),
	);
	const time = integerWord({ caller, argument: 'milliseconds' }, milliseconds, 0, largestInt);
	const timespec = BigInt64Array.of(time / 1000n, (time % 1000n) * 1_000_000n);
	callOrThrow(
		'ppoll',
		[memory, 1n, new Uint8Array(timespec.buffer), 0n, 8n],
		() => `descriptor ${descriptor}, events 0x${events.toString(16)}, milliseconds ${milliseconds}`,
	);
	return memory.readUInt16LE(6);
}
