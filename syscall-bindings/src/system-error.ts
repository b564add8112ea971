// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

import { integerWord } from './argument-words.js';

/** A failed system call, with the properties of Node's own system errors. */
export interface SystemError extends Error {
	/** The error's name, such as `EPERM`. */
	code: string;
	/** Its number as in Node: negative, such as −1. */
	errno: number;
	/** The call that failed, such as `copy_from_process`. */
	syscall: string;
}

interface ErrorWords {
	name: string;
	message: string;
}

/** What libuv has a name and a phrase for, and the names of the others. */
const knownErrors: ReadonlyMap<number, ErrorWords> = new Map([
	...Object.entries(constants.errno).map(([name, errno]): [number, ErrorWords] => [
		errno,
		{ name, message: `system error ${errno}` },
	]),
	...[...getSystemErrorMap()].map(([errno, [name, message]]): [number, ErrorWords] => [
		-errno,
		{ name, message },
	]),
]);

function errorWords(errno: number): ErrorWords {
	return (
		knownErrors.get(errno) ?? {
			name: `Unknown system error -${errno}`,
			message: 'a number without a name',
		}
	);
}

/**
 * Name of an error number, as Node has it (95 is `ENOTSUP`, 11 `EAGAIN`).
 * @param errno 1 to 4095, or the same negated, as in the `errno` of Node's errors; or 0
 * @returns the name; `SUCCESS` for 0; such as `Unknown system error -512` where there is none: such a
 * number must not leave the kernel
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { errnoName } from '@fastipc/syscall-bindings';
 *
 * assert.equal(errnoName(14), 'EFAULT');
 * assert.equal(errnoName(-14), 'EFAULT');
 * ```
 */
export function errnoName(errno: number): string {
	const place = { caller: 'errnoName', argument: 'errno' };
	const positive = Math.abs(Number(integerWord(place, errno, -4095, 4095)));
	return positive === 0 ? 'SUCCESS' : errorWords(positive).name;
}

/**
 * Whether something caught is a failed system call, and one with this code.
 * @param error anything
 * @param code a name such as `EFAULT`; without it any system error will do, Node's own too
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isSystemError, pidfdOpen } from '@fastipc/syscall-bindings';
 *
 * assert.throws(
 * 	() => pidfdOpen(-1),
 * 	(error) => isSystemError(error, 'EINVAL') && error.syscall === 'pidfd_open',
 * );
 * ```
 */
export function isSystemError(error: unknown, code?: string): error is SystemError {
	return (
		error instanceof Error &&
		'code' in error &&
		typeof error.code === 'string' &&
		'errno' in error &&
		typeof error.errno === 'number' &&
		'syscall' in error &&
		typeof error.syscall === 'string' &&
		(code === undefined || error.code === code)
	);
}

/**
 * Makes an error such as
 * `EPERM: operation not permitted, copy_from_process(pid 12, address 0x7f00, length 16, flags 0x0)`.
 * @param errno positive, as C has it
 * @param call the system call's name
 * @param described its arguments in words
 * @param advice what to do about it, one line
 */
export function createSystemError(
	errno: number,
	call: string,
	described: string,
	advice?: string,
): SystemError {
	const { name, message } = errorWords(errno);
	const ending = advice === undefined ? '' : `: ${advice}`;
	const error = new Error(`${name}: ${message}, ${call}(${described})${ending}`);
	return Object.assign(error, { code: name, errno: -errno, syscall: call });
}
