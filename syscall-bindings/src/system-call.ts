// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';

import { checkOneOf, integerWord, wordOrBuffer } from './argument-words.js';
import { callForeign, type ForeignArgument } from './foreign-call.js';
import { createSystemError } from './system-error.js';
import { syscallNumbers, type SystemCallName } from './syscall-numbers.js';

/** What a raw system call gave. */
export interface SystemCallResult {
	/** As a signed 64-bit word; −1n where the call failed. */
	returned: bigint;
	/** errno of this call, positive; 0 where it didn't fail. */
	errno: number;
}

/** Six, because no system call takes more. */
const largestArgumentCount = 6;
const knownNames = Object.keys(syscallNumbers);

function invoke(number: bigint, parameters: readonly ForeignArgument[]): SystemCallResult {
	const unused = new Array<bigint>(largestArgumentCount - parameters.length).fill(0n);
	const { returned, errno } = callForeign('syscall', [number, ...parameters, ...unused]);
	// libc leaves the errno of an earlier failure in place after a success.
	return { returned, errno: returned === -1n ? errno : 0 };
}

function callNumber(name: unknown): bigint {
	if (typeof name === 'number') {
		const place = { caller: 'systemCall', argument: 'name' };
		return integerWord(place, name, -(2 ** 31), 2 ** 31 - 1);
	}
	checkOneOf('systemCall', name, 'name', knownNames);
	return BigInt(Number(Reflect.get(syscallNumbers, String(name))));
}

/**
 * Calls the kernel as C's `syscall(2)` does and throws nothing where the kernel refuses.
 * Every argument arrives as the full 64-bit word that was given, whatever type the kernel
 * declares it with; those left out are 0.
 *
 * Wrong arguments can overwrite this process's memory. The functions that are named after
 * what they do are safer where there is one.
 * @param name a name of {@link syscallNumbers}, or a number (for a call without a name here)
 * @param parameters at most six: bigints from −2^63 to 2^64 − 1, or buffers, whose address is
 * passed (NULL where they have no bytes)
 * @returns what came back, and errno if that was −1
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for
 * arguments that are none of these
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { systemCall } from '@fastipc/syscall-bindings';
 *
 * assert.deepEqual(systemCall('getpid'), { returned: BigInt(process.pid), errno: 0 });
 * assert.deepEqual(systemCall('close', -1n), { returned: -1n, errno: 9 });
 * ```
 */
export function systemCall(
	name: SystemCallName | number,
	...parameters: readonly (bigint | Uint8Array)[]
): SystemCallResult {
	if (parameters.length > largestArgumentCount) {
		throw new RangeError(
			`systemCall: at most ${largestArgumentCount} arguments after the name, got ${parameters.length}`,
		);
	}
	return invoke(
		callNumber(name),
		parameters.map((parameter, index) =>
			wordOrBuffer('systemCall', parameter, `argument ${index + 1}`),
		),
	);
}

/** One line on what to do where the kernel lacks a call that the series brings. */
export function adviseOn(name: string, errno: number): string | undefined {
	const isNew = name === 'copy_from_process' || name === 'copy_to_process';
	return isNew && errno === constants.errno.ENOSYS
		? `this kernel has no ${name}; boot one with the cross-memory series and CONFIG_CROSS_MEMORY_COPY=y (npm run vm)`
		: undefined;
}

/**
 * Calls the kernel with arguments already checked.
 * @param describe the arguments in words, asked for only after a failure
 * @param advise one line on what to do about an errno, where there is something
 * @throws SystemError
 */
export function callOrThrow(
	name: SystemCallName,
	parameters: readonly ForeignArgument[],
	describe: () => string,
	advise: (errno: number) => string | undefined = (errno) => adviseOn(name, errno),
): bigint {
	const { returned, errno } = invoke(BigInt(syscallNumbers[name]), parameters);
	if (returned === -1n) {
		throw createSystemError(errno, name, describe(), advise(errno));
	}
	return returned;
}

/**
 * {@link callOrThrow} for what a non-blocking descriptor may not be ready for.
 * @returns undefined where it isn't (EAGAIN)
 * @throws SystemError with any other errno
 */
export function callIfReady(
	name: SystemCallName,
	parameters: readonly ForeignArgument[],
	describe: () => string,
): bigint | undefined {
	const { returned, errno } = invoke(BigInt(syscallNumbers[name]), parameters);
	if (returned !== -1n) {
		return returned;
	}
	if (errno === constants.errno.EAGAIN) {
		return undefined;
	}
	throw createSystemError(errno, name, describe());
}

/** A word as error messages show it. */
export function hexadecimal(word: bigint): string {
	return `0x${BigInt.asUintN(64, word).toString(16)}`;
}
