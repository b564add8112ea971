// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket options of the level SOL_DBUS: include/uapi/linux/dbus.h of the series af-dbus.
 */
import { constants } from 'node:os';

import { checkBoolean, descriptorWord } from './argument-words.js';
import { DBUS_CONNECTION, DBUS_ONLY_WAY_IN, DBUS_UPGRADE, SOL_DBUS } from './constants.js';
import { isSystemError } from './system-error.js';
import { callOrThrow } from './system-call.js';

/** What the kernel knows of a connection between a client and the daemon of a bus. */
export interface DbusConnection {
	/** The bus's number, 1n and above, as in `/proc/net/dbus`. */
	bus: bigint;
	/** The connection's number on that bus. */
	connection: bigint;
	/** Messages that the daemon received from the client, 0n and above. */
	receivedMessages: bigint;
	/** Messages that the daemon sent to the client, 0n and above. */
	sentMessages: bigint;
	/** `DBUS_CONNECTION_…` bits. */
	flags: number;
	/** How many names the client owns or waits for, its unique name among them. */
	names: number;
	/** Such as `:1.7`; undefined before the daemon has answered Hello. */
	uniqueName: string | undefined;
}

const wordLength = 4;
/** struct dbus_connection_info: four u64, two u32, and a name that ends with a NUL. */
const connectionLength = 4 * 8 + 2 * 4 + 256;
const nameOffset = 4 * 8 + 2 * 4;

function adviseOnOption(errno: number): string | undefined {
	return errno === constants.errno.EOPNOTSUPP
		? 'it takes an AF_UNIX stream socket and a kernel with the af-dbus series and CONFIG_AF_DBUS=y, or =m and the module loaded (modprobe dbus)'
		: undefined;
}

function setOption(descriptor: bigint, option: number, value: number): void {
	const memory = new Uint8Array(Int32Array.of(value).buffer);
	callOrThrow(
		'setsockopt',
		[descriptor, BigInt(SOL_DBUS), BigInt(option), memory, BigInt(memory.length)],
		() => `descriptor ${descriptor}, level SOL_DBUS, option ${option}, value ${value}`,
		adviseOnOption,
	);
}

function getOption(descriptor: bigint, option: number, length: number): Buffer {
	const memory = Buffer.alloc(length);
	const lengthMemory = Int32Array.of(length);
	callOrThrow(
		'getsockopt',
		[descriptor, BigInt(SOL_DBUS), BigInt(option), memory, new Uint8Array(lengthMemory.buffer)],
		() => `descriptor ${descriptor}, level SOL_DBUS, option ${option}`,
		adviseOnOption,
	);
	if (lengthMemory[0] !== length) {
		throw new Error(
			`getsockopt: SOL_DBUS, option ${option}: expected ${length} bytes, the kernel has ${lengthMemory[0]}: its series isn't one that this package knows`,
		);
	}
	return memory;
}

/**
 * Turns an AF_UNIX stream socket into one of AF_DBUS, in place and for good. It goes on calling
 * itself AF_UNIX. A listener is to be converted before it accepts anybody, any other socket
 * before it is connected.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @throws SystemError with `syscall: 'setsockopt'` and a code:
 * - `EALREADY` it is one already
 * - `EISCONN` it is connected, or a listener that has accepted somebody
 * - `ENOTSUP` (Node's name of EOPNOTSUPP) the kernel has no AF_DBUS, or its module isn't loaded,
 * or it isn't an AF_UNIX stream socket; the message says what to do
 * - `ENOPROTOOPT` it is a socket of a family such as AF_INET
 * - `ENOMEM` no memory
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_UNIX,
 * 	closeDescriptor,
 * 	isDbusSocket,
 * 	openSocket,
 * 	upgradeToDbus,
 * } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * upgradeToDbus(descriptor);
 * assert.ok(isDbusSocket(descriptor));
 * closeDescriptor(descriptor);
 * ```
 */
export function upgradeToDbus(descriptor: number): void {
	setOption(descriptorWord('upgradeToDbus', descriptor), DBUS_UPGRADE, 1);
}

/**
 * Whether a socket is one of AF_DBUS, made as such or converted.
 * @param descriptor the socket, −1 to 2^31 − 1
 * @returns false for every other socket, and on a kernel without AF_DBUS
 * @throws SystemError with `syscall: 'getsockopt'`: `EBADF`, `ENOTSOCK` where it isn't open, or
 * no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, closeDescriptor, isDbusSocket, openSocket } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_UNIX);
 * assert.equal(isDbusSocket(descriptor), false);
 * closeDescriptor(descriptor);
 * ```
 */
export function isDbusSocket(descriptor: number): boolean {
	const word = descriptorWord('isDbusSocket', descriptor);
	try {
		return getOption(word, DBUS_UPGRADE, wordLength).readInt32LE() === 1;
	} catch (error) {
		if (isSystemError(error, 'ENOTSUP') || isSystemError(error, 'ENOPROTOOPT')) {
			return false;
		}
		throw error;
	}
}

/**
 * Says of a listener that the daemon which accepts from it lets nobody onto its bus except
 * through listeners that say the same; or takes that back. A bus with another way in (TCP, an
 * AF_UNIX listener that wasn't converted, a proxy) must not say so: the kernel would not know
 * who else is there.
 * @param descriptor an AF_DBUS listener, −1 to 2^31 − 1
 * @param onlyWayIn false is what every listener begins with
 * @throws SystemError with `syscall: 'setsockopt'` and a code:
 * - `EINVAL` it isn't listening
 * - `ENOPROTOOPT`, `ENOTSUP` it isn't one of AF_DBUS, or the kernel has none
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	AF_DBUS,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	isOnlyWayIn,
 * 	listenSocket,
 * 	openSocket,
 * 	setOnlyWayIn,
 * } from '@fastipc/syscall-bindings';
 *
 * const listener = openSocket(AF_DBUS);
 * bindSocket(listener, { family: AF_DBUS, path: '' });
 * listenSocket(listener);
 * setOnlyWayIn(listener, true);
 * assert.ok(isOnlyWayIn(listener));
 * closeDescriptor(listener);
 * ```
 */
export function setOnlyWayIn(descriptor: number, onlyWayIn: boolean): void {
	const word = descriptorWord('setOnlyWayIn', descriptor);
	const value = checkBoolean('setOnlyWayIn', onlyWayIn, 'onlyWayIn');
	setOption(word, DBUS_ONLY_WAY_IN, value ? 1 : 0);
}

/**
 * What was said by {@link setOnlyWayIn}.
 * @param descriptor an AF_DBUS socket, −1 to 2^31 − 1
 * @returns false for one that isn't listening, too
 * @throws SystemError with `syscall: 'getsockopt'` and a code:
 * - `ENOTSUP`, `ENOPROTOOPT` it isn't one of AF_DBUS, or the kernel has none
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_DBUS, closeDescriptor, isOnlyWayIn, openSocket } from '@fastipc/syscall-bindings';
 *
 * const descriptor = openSocket(AF_DBUS);
 * assert.equal(isOnlyWayIn(descriptor), false);
 * closeDescriptor(descriptor);
 * ```
 */
export function isOnlyWayIn(descriptor: number): boolean {
	const word = descriptorWord('isOnlyWayIn', descriptor);
	return getOption(word, DBUS_ONLY_WAY_IN, wordLength).readInt32LE() === 1;
}

/**
 * What the kernel knows of a connection to a bus, asked at either end: `getsockopt(DBUS_CONNECTION)`.
 * @param descriptor the daemon's or the client's end, −1 to 2^31 − 1; it has to be of AF_DBUS,
 * the other need not be
 * @returns what it is at this moment
 * @throws SystemError with `syscall: 'getsockopt'` and a code:
 * - `ENOTCONN` it isn't connected, or to no listener of AF_DBUS, or the daemon hasn't accepted it
 * - `ENOTSUP`, `ENOPROTOOPT` it isn't one of AF_DBUS, or the kernel has none
 * - `EBADF`, `ENOTSOCK` it isn't open, or no socket
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	acceptConnection,
 * 	AF_DBUS,
 * 	bindSocket,
 * 	closeDescriptor,
 * 	connectSocket,
 * 	dbusConnection,
 * 	listenSocket,
 * 	openSocket,
 * 	socketAddress,
 * } from '@fastipc/syscall-bindings';
 *
 * const listener = openSocket(AF_DBUS);
 * bindSocket(listener, { family: AF_DBUS, path: '' });
 * listenSocket(listener);
 * const client = openSocket(AF_DBUS);
 * connectSocket(client, socketAddress(listener));
 * const accepted = acceptConnection(listener);
 * assert.ok(accepted !== undefined);
 * // Nobody has said Hello yet.
 * const known = dbusConnection(client);
 * assert.equal(known.uniqueName, undefined);
 * assert.deepEqual(dbusConnection(accepted), known);
 * for (const descriptor of [accepted, client, listener]) {
 * 	closeDescriptor(descriptor);
 * }
 * ```
 */
export function dbusConnection(descriptor: number): DbusConnection {
	const word = descriptorWord('dbusConnection', descriptor);
	const info = getOption(word, DBUS_CONNECTION, connectionLength);
	const name = info.toString('utf8', nameOffset, info.indexOf(0, nameOffset));
	return {
		bus: info.readBigUInt64LE(0),
		connection: info.readBigUInt64LE(8),
		receivedMessages: info.readBigUInt64LE(16),
		sentMessages: info.readBigUInt64LE(24),
		flags: info.readUInt32LE(32),
		names: info.readUInt32LE(36),
		uniqueName: name === '' ? undefined : name,
	};
}
