// SPDX-License-Identifier: GPL-2.0-only
import { addressWord, checkBuffer, flagsWord, pidWord } from './argument-words.js';
import { callOrThrow, hexadecimal } from './system-call.js';
import type { NewSystemCallName } from './syscall-numbers.js';

function copy(
	call: NewSystemCallName,
	caller: string,
	given: { pid: number; address: bigint; buffer: Uint8Array; flags: number },
): number {
	const pid = pidWord(caller, given.pid);
	const address = addressWord(caller, given.address);
	const buffer = checkBuffer(caller, given.buffer);
	const flags = flagsWord(caller, given.flags);
	const length = BigInt(buffer.byteLength);
	const copied = callOrThrow(
		call,
		[pid, address, length, buffer, flags],
		() =>
			`pid ${pid}, address ${hexadecimal(address)}, length ${length}, flags ${hexadecimal(BigInt.asUintN(32, flags))}`,
	);
	return Number(copied);
}

/**
 * Fills a buffer with bytes of another process's memory: `copy_from_process()`. One copy,
 * where shared memory or a pipe needs two. `buffer.byteLength` bytes are asked for.
 *
 * The kernel checks in this order: flags, pid, permission, length, addresses. So an empty
 * buffer asks "could I?".
 * @param pid process or thread id as this process sees it, or with `COPY_PROCESS_PIDFD` a pidfd;
 * −2^31 to 2^31 − 1
 * @param address where the bytes begin in that process, 0n to 2^64 − 1
 * @param buffer filled from its beginning; nothing behind the count returned is touched
 * @param flags 0, or `COPY_PROCESS_PIDFD`: `pid` is a pidfd
 * @returns the number of bytes copied, fewer than asked for where the range runs into memory
 * that can't be read (or the buffer into memory that can't be written)
 * @throws SystemError with `syscall: 'copy_from_process'` and a code:
 * - `EINVAL` a bit in `flags` that the kernel doesn't know
 * - `EBADF` with `COPY_PROCESS_PIDFD`, `pid` is no open file, or no pidfd
 * - `ESRCH` nobody has this id, or who has it has no memory: ≤ 0, a zombie, a kernel thread
 * - `EPERM` not allowed, by the rules of ptrace: other owner, not dumpable, Yama, …
 * - `EFAULT` not one byte could be copied: the one at `address` can't be read, or the buffer's first
 *   can't be written
 * - `EINTR` the caller was killed while it waited, before anything was copied
 * - `ENOSYS` this kernel lacks the call; the message says how to get one that has it
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, copyFromProcess } from '@fastipc/syscall-bindings';
 *
 * // Another process would send its pid and the address by a pipe or socket.
 * const message = Buffer.from('one copy is enough');
 * const buffer = Buffer.alloc(message.length);
 * const copied = copyFromProcess(process.pid, addressOf(message), buffer);
 * assert.equal(copied, message.length);
 * assert.equal(buffer.toString(), 'one copy is enough');
 * ```
 */
export function copyFromProcess(
	pid: number,
	address: bigint,
	buffer: Uint8Array,
	flags = 0,
): number {
	return copy('copy_from_process', 'copyFromProcess', { pid, address, buffer, flags });
}

/**
 * Writes a buffer's bytes into another process's memory: `copy_to_process()`.
 * `buffer.byteLength` bytes are written. Memory that the process itself may not write is
 * never written, not even by root; a private page is copied first, so that no third process
 * sees the change.
 * @param pid process or thread id as this process sees it, or with `COPY_PROCESS_PIDFD` a pidfd;
 * −2^31 to 2^31 − 1
 * @param address where the bytes go in that process, 0n to 2^64 − 1
 * @param buffer what is written
 * @param flags 0, or `COPY_PROCESS_PIDFD`: `pid` is a pidfd
 * @returns the number of bytes copied, fewer than asked for where the range runs into memory
 * that can't be written (or the buffer into memory that can't be read)
 * @throws SystemError with `syscall: 'copy_to_process'` and a code:
 * - `EINVAL` a bit in `flags` that the kernel doesn't know
 * - `EBADF` with `COPY_PROCESS_PIDFD`, `pid` is no open file, or no pidfd
 * - `ESRCH` nobody has this id, or who has it has no memory: ≤ 0, a zombie, a kernel thread
 * - `EPERM` not allowed, by the rules of ptrace: other owner, not dumpable, Yama, …
 * - `EFAULT` not one byte could be copied: the one at `address` can't be written, or the buffer's
 *   first can't be read
 * - `EINTR` the caller was killed while it waited, before anything was copied
 * - `ENOSYS` this kernel lacks the call; the message says how to get one that has it
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, copyToProcess } from '@fastipc/syscall-bindings';
 *
 * const target = Buffer.alloc(4);
 * assert.equal(copyToProcess(process.pid, addressOf(target), Buffer.from('data')), 4);
 * assert.equal(target.toString(), 'data');
 * ```
 */
export function copyToProcess(pid: number, address: bigint, buffer: Uint8Array, flags = 0): number {
	return copy('copy_to_process', 'copyToProcess', { pid, address, buffer, flags });
}
