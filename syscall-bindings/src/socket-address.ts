// SPDX-License-Identifier: GPL-2.0-only
/*
 * `struct sockaddr_un`, which AF_UNIX and AF_DBUS have in common: a family of two bytes, then
 * a path that ends with a NUL, or a NUL and an abstract name to the end.
 */
import { checkObject, checkString, integerWord, outOfRange } from './argument-words.js';

/** Where a socket of AF_UNIX or AF_DBUS is found. */
export interface SocketAddress {
	/** `AF_UNIX` or `AF_DBUS`: that of the socket, 0 to 65535. */
	family: number;
	/**
	 * A path of at most 107 bytes in UTF-8, or an abstract name: `'\0'` and at most 107 bytes. An
	 * empty string is no name; who binds to it is given an abstract one.
	 */
	path: string;
}

const familyLength = 2;
/** Bytes of a whole struct sockaddr_un. */
export const longestAddress = familyLength + 108;

function checkPath(caller: string, value: unknown, argument: string): Buffer {
	const path = Buffer.from(checkString(caller, value, argument));
	if (path.length > 108 || (path.length === 108 && path[0] !== 0)) {
		throw outOfRange(
			{ caller, argument },
			'at most 107 bytes in UTF-8, behind the NUL of an abstract name',
			value,
		);
	}
	if (path[0] !== 0 && path.includes(0)) {
		throw outOfRange({ caller, argument }, 'a path without a NUL in it', value);
	}
	return path;
}

/** An address as the kernel takes it. Its length says where an abstract name ends. */
export function encodeAddress(caller: string, value: unknown): Buffer {
	const given = checkObject(caller, value, 'address');
	const familyPlace = { caller, argument: 'address.family' };
	const family = integerWord(familyPlace, Reflect.get(given, 'family'), 0, 65535);
	const path = checkPath(caller, Reflect.get(given, 'path'), 'address.path');
	const head = Buffer.alloc(familyLength);
	head.writeUInt16LE(Number(family));
	const isPath = path.length > 0 && path[0] !== 0;
	return Buffer.concat([head, path, Buffer.alloc(isPath ? 1 : 0)]);
}

/** An address as the kernel gave it. */
export function decodeAddress(address: Buffer): SocketAddress {
	const path = address.subarray(familyLength);
	const isPath = path.length > 0 && path[0] !== 0;
	const end = isPath && path.includes(0) ? path.indexOf(0) : path.length;
	return { family: address.readUInt16LE(), path: path.toString('utf8', 0, end) };
}

/** An address as error messages show it, with @ for the NUL of an abstract name. */
export function describeAddress({ family, path }: SocketAddress): string {
	return `family ${family}, path ${JSON.stringify(path.replace(/^\0/, '@'))}`;
}
