// SPDX-License-Identifier: GPL-2.0-only
import { checkBoolean, descriptorWord, flagsWord, integerWord, pidWord } from './argument-words.js';
import {
	PR_GET_DUMPABLE,
	PR_SET_DUMPABLE,
	PR_SET_PTRACER,
	PR_SET_PTRACER_ANY,
} from './constants.js';
import { callOrThrow, hexadecimal } from './system-call.js';

/**
 * Opens a descriptor that stands for a process, whoever gets its id later: `pidfd_open(2)`.
 * Close it with {@link closeDescriptor}.
 * @param pid process id as this process sees it, −2^31 to 2^31 − 1
 * @param flags 0, `PIDFD_NONBLOCK` or (since Linux 6.9) `PIDFD_THREAD`
 * @returns the descriptor, close-on-exec
 * @throws SystemError with `syscall: 'pidfd_open'` and a code:
 * - `EINVAL` an unknown flag, or a pid that is 0 or negative
 * - `ESRCH` nobody has this id
 * - `ENOENT` (`EINVAL` before 6.15) it is the id of a thread and `PIDFD_THREAD` isn't set
 * - `EMFILE`, `ENFILE` too many open files
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { closeDescriptor, pidfdOpen } from '@fastipc/syscall-bindings';
 *
 * const descriptor = pidfdOpen(process.pid);
 * closeDescriptor(descriptor);
 * ```
 */
export function pidfdOpen(pid: number, flags = 0): number {
	const caller = 'pidfdOpen';
	const words = [pidWord(caller, pid), flagsWord(caller, flags)];
	const describe = (): string =>
		`pid ${pid}, flags ${hexadecimal(BigInt.asUintN(32, BigInt(flags)))}`;
	return Number(callOrThrow('pidfd_open', words, describe));
}

/**
 * Closes a descriptor: `close(2)`.
 * @param descriptor −1 to 2^31 − 1
 * @throws SystemError with `syscall: 'close'`: `EBADF` where it isn't open
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { closeDescriptor, isSystemError, pidfdOpen } from '@fastipc/syscall-bindings';
 *
 * const descriptor = pidfdOpen(process.pid);
 * closeDescriptor(descriptor);
 * assert.throws(
 * 	() => closeDescriptor(descriptor),
 * 	(error) => isSystemError(error, 'EBADF'),
 * );
 * ```
 */
export function closeDescriptor(descriptor: number): void {
	const word = descriptorWord('closeDescriptor', descriptor);
	callOrThrow('close', [word], () => `descriptor ${descriptor}`);
}

/**
 * Id of the calling thread: `gettid(2)`. In Node's main thread it is `process.pid`.
 * @returns a thread id, greater than 0
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { threadId } from '@fastipc/syscall-bindings';
 *
 * assert.equal(threadId(), process.pid);
 * ```
 */
export function threadId(): number {
	return Number(callOrThrow('gettid', [], () => ''));
}

/**
 * Whether this process's memory may be dumped, and so read by others of its owner:
 * `prctl(PR_SET_DUMPABLE)`. What isn't dumpable needs CAP_SYS_PTRACE to be copied from.
 * @param dumpable true for SUID_DUMP_USER (the usual state), false for SUID_DUMP_DISABLE
 * @throws TypeError (code `ERR_INVALID_ARG_TYPE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isDumpable, setDumpable } from '@fastipc/syscall-bindings';
 *
 * setDumpable(false);
 * assert.equal(isDumpable(), false);
 * setDumpable(true);
 * ```
 */
export function setDumpable(dumpable: boolean): void {
	const value = checkBoolean('setDumpable', dumpable, 'dumpable') ? 1n : 0n;
	callOrThrow('prctl', [BigInt(PR_SET_DUMPABLE), value], () => `PR_SET_DUMPABLE, ${value}`);
}

/**
 * Whether this process's memory may be dumped: `prctl(PR_GET_DUMPABLE)`.
 * @returns false also for SUID_DUMP_ROOT (2), which leaves it to root
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isDumpable } from '@fastipc/syscall-bindings';
 *
 * assert.equal(typeof isDumpable(), 'boolean');
 * ```
 */
export function isDumpable(): boolean {
	return callOrThrow('prctl', [BigInt(PR_GET_DUMPABLE)], () => 'PR_GET_DUMPABLE') === 1n;
}

/**
 * Names the process that may trace this one, and copy from it, under Yama's scope 1 without
 * being its ancestor: `prctl(PR_SET_PTRACER)`.
 * @param tracer a process id, greater than 0; 0 for nobody; `'any'` for everybody
 * @throws SystemError with `syscall: 'prctl'`: `EINVAL` where no process has this id, or the
 * kernel has no Yama ({@link getYamaScope} is undefined)
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import { getYamaScope, setPtracer } from '@fastipc/syscall-bindings';
 *
 * if (getYamaScope() !== undefined) {
 * 	setPtracer(process.ppid);
 * }
 * ```
 */
export function setPtracer(tracer: number | 'any'): void {
	const place = { caller: 'setPtracer', argument: 'tracer' };
	const word =
		tracer === 'any' ? PR_SET_PTRACER_ANY : integerWord(place, tracer, 0, 2 ** 31 - 1, " or 'any'");
	callOrThrow('prctl', [BigInt(PR_SET_PTRACER), word], () => `PR_SET_PTRACER, ${tracer}`);
}
