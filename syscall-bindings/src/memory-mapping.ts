// SPDX-License-Identifier: GPL-2.0-only
import {
	addressWord,
	checkObject,
	descriptorWord,
	flagsWord,
	lengthWord,
} from './argument-words.js';
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from './constants.js';
import { callOrThrow, hexadecimal } from './system-call.js';

/** What {@link mapMemory} maps. */
export interface MappingOptions {
	/** `PROT_…` bits. Default: `PROT_READ | PROT_WRITE`. */
	protection?: number;
	/** `MAP_…` bits. Default: `MAP_PRIVATE | MAP_ANONYMOUS`. */
	flags?: number;
	/** Where, with `MAP_FIXED`; else a hint. Default: 0n, wherever there is room. */
	address?: bigint;
	/** The file mapped. Default: −1, none. */
	descriptor?: number;
	/** Bytes into the file, a multiple of the page size. Default: 0n. */
	offset?: bigint;
}

function mappingWords(length: unknown, given: object): bigint[] {
	const caller = 'mapMemory';
	const option = (name: string, standard: unknown): unknown => {
		const value: unknown = Reflect.get(given, name);
		return value === undefined ? standard : value;
	};
	return [
		addressWord(caller, option('address', 0n), 'options.address'),
		lengthWord(caller, length),
		flagsWord(caller, option('protection', PROT_READ | PROT_WRITE), 'options.protection'),
		flagsWord(caller, option('flags', MAP_PRIVATE | MAP_ANONYMOUS), 'options.flags'),
		descriptorWord(caller, option('descriptor', -1), 'options.descriptor'),
		addressWord(caller, option('offset', 0n), 'options.offset'),
	];
}

/**
 * Maps memory into this process: `mmap(2)`. Node doesn't know of it and never frees it.
 *
 * `MAP_FIXED` replaces what is mapped at `address`, Node's own memory too;
 * `MAP_FIXED_NOREPLACE` doesn't.
 * @param length bytes, 0 to 2^64 − 1, rounded up to pages by the kernel
 * @param options what is mapped where; anonymous, private, readable and writable memory by
 * default
 * @returns address of the mapping, a multiple of the page size
 * @throws SystemError with `syscall: 'mmap'` and a code, of which the commonest:
 * - `EINVAL` length 0, or flags, protection or offset that don't go together
 * - `ENOMEM` no room in the address space, or too many mappings
 * - `EACCES`, `EBADF`, `ENODEV` the file doesn't allow it, isn't open, can't be mapped
 * - `EEXIST` something is mapped there already (`MAP_FIXED_NOREPLACE`)
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	mapMemory,
 * 	pageSize,
 * 	protectMemory,
 * 	PROT_NONE,
 * 	readMemory,
 * 	unmapMemory,
 * } from '@fastipc/syscall-bindings';
 *
 * // A page that may be read, and behind it one that may not.
 * const address = mapMemory(2 * pageSize);
 * protectMemory(address + BigInt(pageSize), pageSize, PROT_NONE);
 * assert.deepEqual(readMemory(address, 3), Buffer.from([0, 0, 0]));
 * unmapMemory(address, 2 * pageSize);
 * ```
 */
export function mapMemory(length: number | bigint, options: MappingOptions = {}): bigint {
	const words = mappingWords(length, checkObject('mapMemory', options, 'options'));
	const address = callOrThrow('mmap', words, () => {
		const [where = 0n, bytes, protection = 0n, flags = 0n, descriptor, offset] = words;
		return (
			`address ${hexadecimal(where)}, length ${bytes}, protection ${hexadecimal(protection)}, ` +
			`flags ${hexadecimal(flags)}, descriptor ${descriptor}, offset ${offset}`
		);
	});
	return BigInt.asUintN(64, address);
}

/**
 * Removes mappings from this process: `munmap(2)`. Whatever lies in the range goes, Node's own
 * memory too. A range without mappings is no error.
 * @param address a multiple of the page size, 0n to 2^64 − 1
 * @param length bytes, 1 to 2^64 − 1
 * @throws SystemError with `syscall: 'munmap'`: `EINVAL` for an address between two pages or
 * a length that is 0 or goes beyond the address space
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isSystemError, mapMemory, pageSize, readMemory, unmapMemory } from '@fastipc/syscall-bindings';
 *
 * const address = mapMemory(pageSize);
 * unmapMemory(address, pageSize);
 * assert.throws(
 * 	() => readMemory(address, 1),
 * 	(error) => isSystemError(error, 'EFAULT'),
 * );
 * ```
 */
export function unmapMemory(address: bigint, length: number | bigint): void {
	const words = [addressWord('unmapMemory', address), lengthWord('unmapMemory', length)];
	callOrThrow('munmap', words, () => `address ${hexadecimal(address)}, length ${length}`);
}

/**
 * Changes what may be done with mapped memory of this process: `mprotect(2)`.
 * @param address a multiple of the page size, 0n to 2^64 − 1
 * @param length bytes, 0 to 2^64 − 1
 * @param protection `PROT_…` bits
 * @throws SystemError with `syscall: 'mprotect'` and a code, of which the commonest:
 * - `EINVAL` an address between two pages, or an unknown bit in `protection`
 * - `ENOMEM` a part of the range isn't mapped
 * - `EACCES` the mapped file doesn't allow it
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	isSystemError,
 * 	mapMemory,
 * 	pageSize,
 * 	protectMemory,
 * 	PROT_READ,
 * 	unmapMemory,
 * 	writeMemory,
 * } from '@fastipc/syscall-bindings';
 *
 * const address = mapMemory(pageSize);
 * protectMemory(address, pageSize, PROT_READ);
 * assert.throws(
 * 	() => writeMemory(address, Buffer.from('no')),
 * 	(error) => isSystemError(error, 'EFAULT'),
 * );
 * unmapMemory(address, pageSize);
 * ```
 */
export function protectMemory(address: bigint, length: number | bigint, protection: number): void {
	const caller = 'protectMemory';
	const words = [
		addressWord(caller, address),
		lengthWord(caller, length),
		flagsWord(caller, protection, 'protection'),
	];
	callOrThrow(
		'mprotect',
		words,
		() =>
			`address ${hexadecimal(address)}, length ${length}, protection 0x${protection.toString(16)}`,
	);
}

/**
 * Tells the kernel how mapped memory of this process will be used: `madvise(2)`.
 * @param address a multiple of the page size, 0n to 2^64 − 1
 * @param length bytes, 0 to 2^64 − 1
 * @param advice one of `MADV_…`
 * @throws SystemError with `syscall: 'madvise'` and a code, of which the commonest:
 * - `EINVAL` an address between two pages, or advice that this kernel doesn't know
 * - `ENOMEM` a part of the range isn't mapped
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import {
 * 	adviseMemory,
 * 	MADV_DONTNEED,
 * 	mapMemory,
 * 	pageSize,
 * 	readMemory,
 * 	unmapMemory,
 * 	writeMemory,
 * } from '@fastipc/syscall-bindings';
 *
 * const address = mapMemory(pageSize);
 * writeMemory(address, Buffer.from('soon forgotten'));
 * adviseMemory(address, pageSize, MADV_DONTNEED);
 * assert.equal(readMemory(address, 1)[0], 0);
 * unmapMemory(address, pageSize);
 * ```
 */
export function adviseMemory(address: bigint, length: number | bigint, advice: number): void {
	const caller = 'adviseMemory';
	const words = [
		addressWord(caller, address),
		lengthWord(caller, length),
		flagsWord(caller, advice, 'advice'),
	];
	callOrThrow(
		'madvise',
		words,
		() => `address ${hexadecimal(address)}, length ${length}, advice ${advice}`,
	);
}
