// SPDX-License-Identifier: GPL-2.0-only
import {
	addressWord,
	checkArray,
	checkBuffer,
	checkObject,
	flagsWord,
	lengthWord,
	pidWord,
} from './argument-words.js';
import { addressOf } from './foreign-call.js';
import { callOrThrow, hexadecimal } from './system-call.js';

/** A range of another process's memory. */
export interface RemoteRange {
	/** 0n to 2^64 − 1. */
	address: bigint;
	/** Bytes, 0 to 2^64 − 1; a bigint where a number isn't exact. */
	length: number | bigint;
}

interface Range {
	address: bigint;
	length: bigint;
}

/** An array of struct iovec. Never empty: what has no bytes has no address. */
function vectorOf(ranges: readonly Range[]): Uint8Array {
	const words = ranges.flatMap(({ address, length }) => [address, length]);
	return new Uint8Array(BigUint64Array.from([...words, 0n, 0n]).buffer);
}

function remoteRanges(caller: string, remote: unknown): Range[] {
	return checkArray(caller, remote, 'remote').map((item, index) => {
		const name = `remote[${index}]`;
		const range = checkObject(caller, item, name);
		return {
			address: addressWord(caller, Reflect.get(range, 'address'), `${name}.address`),
			length: lengthWord(caller, Reflect.get(range, 'length'), `${name}.length`),
		};
	});
}

/**
 * Buffers whose addresses sit in an iovec. ffi-rs sees only the iovec, so nothing else
 * would keep them from being collected while the call runs.
 */
const heldDuringCall: (readonly Uint8Array[])[] = [];

function describeVector(given: { pid: bigint; flags: bigint; local: Range[]; remote: Range[] }) {
	const total = (ranges: Range[]): bigint => ranges.reduce((sum, { length }) => sum + length, 0n);
	const [first] = given.remote;
	const where = first === undefined ? '' : `, address ${hexadecimal(first.address)}`;
	return (
		`pid ${given.pid}, local ${total(given.local)} bytes in ${given.local.length}, ` +
		`remote ${total(given.remote)} bytes in ${given.remote.length}${where}, flags ${hexadecimal(given.flags)}`
	);
}

function transfer(
	call: 'process_vm_readv' | 'process_vm_writev',
	caller: string,
	given: {
		pid: number;
		local: readonly Uint8Array[];
		remote: readonly RemoteRange[];
		flags: number;
	},
): number {
	const pid = pidWord(caller, given.pid);
	const buffers = checkArray(caller, given.local, 'local').map((item, index) =>
		checkBuffer(caller, item, `local[${index}]`),
	);
	const remote = remoteRanges(caller, given.remote);
	const flags = flagsWord(caller, given.flags);
	heldDuringCall.push(buffers);
	try {
		const local = buffers.map((buffer) => ({
			address: addressOf(buffer),
			length: BigInt(buffer.byteLength),
		}));
		const copied = callOrThrow(
			call,
			[pid, vectorOf(local), BigInt(local.length), vectorOf(remote), BigInt(remote.length), flags],
			() => describeVector({ pid, flags, local, remote }),
		);
		return Number(copied);
	} finally {
		heldDuringCall.pop();
	}
}

/**
 * Fills buffers with bytes of another process's memory: `process_vm_readv(2)`, the peer that
 * `copy_from_process()` is measured against.
 * @param pid process or thread id as this process sees it, −2^31 to 2^31 − 1
 * @param local buffers that are filled one after another; at most 1024
 * @param remote ranges that are read one after another; at most 1024
 * @param flags 0: none is defined
 * @returns the number of bytes copied, fewer than asked for where a range runs into memory that
 * can't be read; 0 where there is nothing to copy, and then the kernel doesn't look at the pid
 * @throws SystemError with `syscall: 'process_vm_readv'` and a code:
 * - `EINVAL` flags other than 0; more than 1024 ranges; a length, or the sum of the buffers',
 * that doesn't fit a signed 64-bit number
 * - `ESRCH` nobody has this id, or who has it has no memory
 * - `EPERM` not allowed, by the rules of ptrace
 * - `EFAULT` not one byte could be copied
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, processVmReadv } from '@fastipc/syscall-bindings';
 *
 * const message = Buffer.from('head and body');
 * const head = Buffer.alloc(4);
 * const rest = Buffer.alloc(9);
 * const remote = [{ address: addressOf(message), length: message.length }];
 * assert.equal(processVmReadv(process.pid, [head, rest], remote), 13);
 * assert.equal(head.toString(), 'head');
 * assert.equal(rest.toString(), ' and body');
 * ```
 */
export function processVmReadv(
	pid: number,
	local: readonly Uint8Array[],
	remote: readonly RemoteRange[],
	flags = 0,
): number {
	return transfer('process_vm_readv', 'processVmReadv', { pid, local, remote, flags });
}

/**
 * Writes buffers into another process's memory: `process_vm_writev(2)`, the peer that
 * `copy_to_process()` is measured against.
 * @param pid process or thread id as this process sees it, −2^31 to 2^31 − 1
 * @param local buffers that are written one after another; at most 1024
 * @param remote ranges that are written to one after another; at most 1024
 * @param flags 0: none is defined
 * @returns the number of bytes copied, fewer than asked for where a range runs into memory that
 * can't be written; 0 where there is nothing to copy, and then the kernel doesn't look at the pid
 * @throws SystemError with `syscall: 'process_vm_writev'` and the codes of {@link processVmReadv}
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, processVmWritev } from '@fastipc/syscall-bindings';
 *
 * const target = Buffer.alloc(8);
 * const remote = [{ address: addressOf(target), length: target.length }];
 * const parts = [Buffer.from('four'), Buffer.from('more')];
 * assert.equal(processVmWritev(process.pid, parts, remote), 8);
 * assert.equal(target.toString(), 'fourmore');
 * ```
 */
export function processVmWritev(
	pid: number,
	local: readonly Uint8Array[],
	remote: readonly RemoteRange[],
	flags = 0,
): number {
	return transfer('process_vm_writev', 'processVmWritev', { pid, local, remote, flags });
}
