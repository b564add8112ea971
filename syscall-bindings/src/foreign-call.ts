// SPDX-License-Identifier: GPL-2.0-only
/*
 * The border to native code: nothing else calls ffi-rs. Only two types cross it, 64-bit
 * words and memory, because the others of ffi-rs saturate, truncate or convert.
 */
import { DataType, load, open } from 'ffi-rs';

import { checkBuffer } from './argument-words.js';

/** The C library that Node itself runs on. The empty path means the main program. */
const processLibrary = 'fastipc-process';
open({ library: processLibrary, path: '' });

/** A 64-bit word, or memory whose address is passed (NULL where it has no bytes). */
export type ForeignArgument = bigint | Uint8Array;

/** What a C function returned. */
export interface ForeignResult {
	/** As a signed 64-bit word. */
	returned: bigint;
	/** errno after the call. It means something only where the call says that it failed. */
	errno: number;
}

function checkResult(functionName: string, result: unknown): ForeignResult {
	if (typeof result === 'object' && result !== null && 'value' in result && 'errnoCode' in result) {
		const { value, errnoCode } = result;
		if (typeof value === 'bigint' && typeof errnoCode === 'number') {
			return { returned: value, errno: errnoCode };
		}
	}
	throw new Error(
		`ffi-rs: ${functionName} gave no {value: bigint, errnoCode: number}: its version isn't one that this package knows`,
	);
}

/** Calls a C function whose arguments are longs or pointers and which returns one of them. */
export function callForeign(
	functionName: string,
	parameters: readonly ForeignArgument[],
	library = processLibrary,
): ForeignResult {
	// load() rather than define(): the latter builds this same object anew for each call.
	return checkResult(
		functionName,
		load({
			library,
			funcName: functionName,
			retType: DataType.BigInt,
			paramsType: parameters.map((parameter) =>
				typeof parameter === 'bigint' ? DataType.BigInt : DataType.U8Array,
			),
			// ffi-rs takes signed words: the bits are the same.
			paramsValue: parameters.map((parameter) =>
				typeof parameter === 'bigint' ? BigInt.asIntN(64, parameter) : parameter,
			),
			errno: true,
		}),
	);
}

/** Opens a shared library, under its path as name, for {@link callForeign}. */
export function openLibrary(path: string): void {
	open({ library: path, path });
}

/** Bytes of a page of memory. */
export const pageSize = Number(callForeign('sysconf', [30n /* _SC_PAGESIZE */]).returned);

/**
 * Address of a buffer's first byte in this process: the array's part of its ArrayBuffer,
 * not the ArrayBuffer's beginning. It stays valid as long as the buffer is referenced;
 * Node doesn't move what a buffer refers to, but frees it with the last reference.
 * @param buffer any Uint8Array or Buffer
 * @returns the address, 0n to 2^64 − 1; without meaning where the buffer has no bytes
 * @throws TypeError (code `ERR_INVALID_ARG_TYPE`) for anything but a Uint8Array
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf } from '@fastipc/syscall-bindings';
 *
 * const buffer = Buffer.alloc(4096);
 * assert.equal(addressOf(buffer.subarray(100)), addressOf(buffer) + 100n);
 * ```
 */
export function addressOf(buffer: Uint8Array): bigint {
	const checked = checkBuffer('addressOf', buffer);
	// memmove returns its first argument.
	return BigInt.asUintN(64, callForeign('memmove', [checked, checked, 0n]).returned);
}
