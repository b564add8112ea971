// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments checked and turned into the 64-bit words that a system call takes. A wrong
 * type must never reach native code: there it wraps silently, fails with an empty message
 * or aborts the process.
 */
import { types } from 'node:util';

import { describeValue } from './describe-value.js';

const largestWord = 2n ** 64n - 1n;

/** Which argument of which function is looked at, for the message. */
export interface ArgumentPlace {
	caller: string;
	argument: string;
}

function wrongType(place: ArgumentPlace, expected: string, value: unknown): TypeError {
	const message = `${place.caller}: ${place.argument} must be ${expected}, got ${describeValue(value)}`;
	return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** An error about a value of the right type that is none of those expected. */
export function outOfRange(place: ArgumentPlace, expected: string, value: unknown): RangeError {
	const message = `${place.caller}: ${place.argument} must be ${expected}, got ${describeValue(value)}`;
	return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
}

/**
 * @param alternative what else the caller takes, for the message, such as ` or 'any'`
 * @throws TypeError unless it is a number, RangeError unless an integer in the range
 */
export function integerWord(
	place: ArgumentPlace,
	value: unknown,
	smallest: number,
	largest: number,
	alternative = '',
): bigint {
	const expected = `an integer from ${smallest} to ${largest}${alternative}`;
	if (typeof value !== 'number') {
		throw wrongType(place, expected, value);
	}
	if (!Number.isInteger(value) || value < smallest || value > largest) {
		throw outOfRange(place, expected, value);
	}
	return BigInt(value);
}

/**
 * A pid_t, negative ones too: what they mean is the kernel's to say.
 * @throws as {@link integerWord}
 */
export function pidWord(caller: string, value: unknown, argument = 'pid'): bigint {
	return integerWord({ caller, argument }, value, -(2 ** 31), 2 ** 31 - 1);
}

/**
 * An int of flags, whether its highest bit is written as a sign or not.
 * @throws as {@link integerWord}
 */
export function flagsWord(caller: string, value: unknown, argument = 'flags'): bigint {
	return integerWord({ caller, argument }, value, -(2 ** 31), 2 ** 32 - 1);
}

/**
 * A file descriptor, or −1 for none.
 * @throws as {@link integerWord}
 */
export function descriptorWord(caller: string, value: unknown, argument = 'descriptor'): bigint {
	return integerWord({ caller, argument }, value, -1, 2 ** 31 - 1);
}

/**
 * An unsigned 64-bit word.
 * @throws TypeError unless it is a bigint, RangeError unless in the range
 */
export function addressWord(caller: string, value: unknown, argument = 'address'): bigint {
	const place = { caller, argument };
	const expected = 'a bigint from 0n to 2n ** 64n - 1n';
	if (typeof value !== 'bigint') {
		throw wrongType(place, expected, value);
	}
	if (value < 0n || value > largestWord) {
		throw outOfRange(place, expected, value);
	}
	return value;
}

/**
 * A number of bytes: a bigint where it doesn't fit a number.
 * @throws TypeError unless it is one of both, RangeError unless in the range
 */
export function lengthWord(caller: string, value: unknown, argument = 'length'): bigint {
	const place = { caller, argument };
	if (typeof value === 'bigint') {
		return addressWord(caller, value, argument);
	}
	if (typeof value !== 'number') {
		throw wrongType(place, 'a number or a bigint of bytes', value);
	}
	return integerWord(place, value, 0, Number.MAX_SAFE_INTEGER);
}

/** A word of a raw call: signed or unsigned, as long as it has 64 bits. */
function rawWord(place: ArgumentPlace, value: bigint): bigint {
	if (value < -(2n ** 63n) || value > largestWord) {
		throw outOfRange(place, 'from -(2n ** 63n) to 2n ** 64n - 1n', value);
	}
	return value;
}

/** @throws TypeError unless it is a Uint8Array (every Buffer is one) */
export function checkBuffer(caller: string, value: unknown, argument = 'buffer'): Uint8Array {
	// Not instanceof: an object can be made to inherit from Uint8Array without being one.
	if (!types.isUint8Array(value)) {
		throw wrongType({ caller, argument }, 'a Uint8Array or Buffer', value);
	}
	return value;
}

/**
 * An argument of a raw call: a word, or memory whose address is passed.
 * @throws TypeError unless it is one of both, RangeError if a word has more than 64 bits
 */
export function wordOrBuffer(
	caller: string,
	value: unknown,
	argument: string,
): bigint | Uint8Array {
	if (typeof value === 'bigint') {
		return rawWord({ caller, argument }, value);
	}
	if (types.isUint8Array(value)) {
		return value;
	}
	throw wrongType({ caller, argument }, 'a bigint, Uint8Array or Buffer', value);
}

/** @throws TypeError unless it is true or false */
export function checkBoolean(caller: string, value: unknown, argument: string): boolean {
	if (typeof value !== 'boolean') {
		throw wrongType({ caller, argument }, 'true or false', value);
	}
	return value;
}

/** @throws TypeError unless it is a string */
export function checkString(caller: string, value: unknown, argument: string): string {
	if (typeof value !== 'string') {
		throw wrongType({ caller, argument }, 'a string', value);
	}
	return value;
}

/** @throws TypeError unless it is an array */
export function checkArray(caller: string, value: unknown, argument: string): readonly unknown[] {
	if (!Array.isArray(value)) {
		throw wrongType({ caller, argument }, 'an array', value);
	}
	return value;
}

/** @throws TypeError unless it is an instance of the class */
export function checkInstance<Instance>(
	caller: string,
	value: unknown,
	argument: string,
	wanted: { new (): Instance; name: string },
): Instance {
	if (!(value instanceof wanted)) {
		throw wrongType({ caller, argument }, `an instance of ${wanted.name}`, value);
	}
	return value;
}

/** @throws TypeError unless it is an object */
export function checkObject(caller: string, value: unknown, argument: string): object {
	if (typeof value !== 'object' || value === null) {
		throw wrongType({ caller, argument }, 'an object', value);
	}
	return value;
}

/** @throws TypeError unless it is a string, RangeError unless it is one of those known */
export function checkOneOf(
	caller: string,
	value: unknown,
	argument: string,
	known: readonly string[],
): string {
	const expected = `one of ${known.join(', ')}`;
	if (typeof value !== 'string') {
		throw wrongType({ caller, argument }, expected, value);
	}
	if (!known.includes(value)) {
		throw outOfRange({ caller, argument }, expected, value);
	}
	return value;
}
