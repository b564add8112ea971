// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';

import { nativePath } from '@fastipc/native';

import { addressWord, checkObject, checkOneOf, integerWord, pidWord } from './argument-words.js';
import { callForeign, openLibrary, type ForeignArgument } from './foreign-call.js';
import { adviseOn, hexadecimal } from './system-call.js';
import { createSystemError } from './system-error.js';
import { syscallNumbers } from './syscall-numbers.js';

/** Calls that copy between the caller's buffer and another process. */
export type CopySubject =
	'copy_from_process' | 'copy_to_process' | 'process_vm_readv' | 'process_vm_writev';

/** What a loop can be about. */
export type MeasureSubject = CopySubject | 'memcpy' | 'getppid' | 'empty_loop';

/** What every loop is told. */
export interface LoopOptions {
	/** Calls timed, 1 to 2^53 − 1; one more goes before. */
	iterations: number;
}

/** What `memcpy`, the floor, is told. */
export interface MemcpyOptions extends LoopOptions {
	/** Bytes a call, 0 to 2^32. */
	length: number;
}

/** What a copying call is told. */
export interface CopyOptions extends MemcpyOptions {
	/** The other process. */
	pid: number;
	/** Where in it. */
	address: bigint;
}

/** The options that a subject needs. */
export type MeasureOptions<Subject extends MeasureSubject> = Subject extends CopySubject
	? CopyOptions
	: Subject extends 'memcpy'
		? MemcpyOptions
		: LoopOptions;

/** Under QEMU's `-icount shift=0` a nanosecond is an instruction of the guest. */
export interface Measurement {
	subject: MeasureSubject;
	iterations: number;
	/** Bytes a call; 0 where nothing is copied. */
	length: number;
	/** Of a call, the loop around it included. */
	nanosecondsPerCall: number;
	/** Of an iteration of a loop that does nothing: the part of the former that isn't the call's. */
	emptyLoopNanoseconds: number;
	/** Of all iterations together. */
	totalNanoseconds: number;
}

/** The arguments that all loops of libtiming-loops.c take. */
interface LoopArguments {
	number: bigint;
	iterations: bigint;
	pid: bigint;
	/** For memcpy, this process's own memory. */
	address: ForeignArgument;
	buffer: Uint8Array;
}

const subjects: readonly MeasureSubject[] = [
	'copy_from_process',
	'copy_to_process',
	'process_vm_readv',
	'process_vm_writev',
	'memcpy',
	'getppid',
	'empty_loop',
];

let openedLibrary: string | undefined;

function timingLibrary(): string {
	if (openedLibrary === undefined) {
		const path = nativePath('libtiming-loops.so');
		if (!existsSync(path)) {
			throw new Error(
				`${path} is missing; build it with buildNative() of @fastipc/native, or make`,
			);
		}
		openLibrary(path);
		openedLibrary = path;
	}
	return openedLibrary;
}

function runLoop(subject: MeasureSubject, given: LoopArguments): number {
	const { number, iterations, pid, address, buffer } = given;
	const words = new BigInt64Array(4);
	const length = BigInt(buffer.byteLength);
	callForeign(
		`time_${subject}`,
		[number, iterations, pid, address, length, buffer, new Uint8Array(words.buffer)],
		timingLibrary(),
	);
	const [nanoseconds = 0n, completed = 0n, returned = 0n, errno = 0n] = words;
	if (completed !== iterations) {
		const where = typeof address === 'bigint' ? hexadecimal(address) : 'here';
		const described = `pid ${pid}, address ${where}, length ${length}`;
		if (errno !== 0n) {
			const advice = adviseOn(subject, Number(errno)) ?? `in iteration ${completed}`;
			throw createSystemError(Number(errno), subject, described, advice);
		}
		throw new Error(
			`${subject}(${described}) copied ${returned} bytes in iteration ${completed}: a short copy can't be measured as a full one`,
		);
	}
	return Number(nanoseconds);
}

function checkIterations(options: object): bigint {
	const place = { caller: 'measureLoop', argument: 'options.iterations' };
	return integerWord(place, Reflect.get(options, 'iterations'), 1, Number.MAX_SAFE_INTEGER);
}

function checkLength(options: object): number {
	const place = { caller: 'measureLoop', argument: 'options.length' };
	return Number(integerWord(place, Reflect.get(options, 'length'), 0, 2 ** 32));
}

const nothing: Omit<LoopArguments, 'iterations'> = {
	number: 0n,
	pid: 0n,
	address: 0n,
	buffer: new Uint8Array(0),
};

function timeSubject(subject: MeasureSubject, options: object): { total: number; length: number } {
	const iterations = checkIterations(options);
	switch (subject) {
		case 'empty_loop':
			return { total: runLoop(subject, { ...nothing, iterations }), length: 0 };
		case 'getppid': {
			const number = BigInt(syscallNumbers.getppid);
			return { total: runLoop(subject, { ...nothing, iterations, number }), length: 0 };
		}
		case 'memcpy': {
			const length = checkLength(options);
			const [address, buffer] = [Buffer.alloc(length), Buffer.alloc(length)];
			return { total: runLoop(subject, { ...nothing, iterations, address, buffer }), length };
		}
		case 'copy_from_process':
		case 'copy_to_process':
		case 'process_vm_readv':
		case 'process_vm_writev': {
			const pid = pidWord('measureLoop', Reflect.get(options, 'pid'), 'options.pid');
			const given: unknown = Reflect.get(options, 'address');
			const address = addressWord('measureLoop', given, 'options.address');
			const number = BigInt(syscallNumbers[subject]);
			const buffer = Buffer.alloc(checkLength(options));
			const total = runLoop(subject, { number, iterations, pid, address, buffer });
			return { total, length: buffer.length };
		}
	}
}

/**
 * Times one call over and over: a loop in C behind a single FFI call, which alone costs more
 * than the system calls measured. The clock is CLOCK_MONOTONIC; one call goes before it starts,
 * so first touches of memory aren't in the figure.
 *
 * Node does nothing else meanwhile. The buffer copied to (or from) is made here.
 * @param subject `copy_from_process`, `copy_to_process`, their peers `process_vm_readv` and
 * `process_vm_writev` (one range on each side), `memcpy` (the floor: the same bytes within this
 * process), `getppid` (entering and leaving the kernel) or `empty_loop`
 * @param options `iterations`; for what copies, `length` in bytes; for system calls that copy,
 * `pid` and `address` too
 * @returns nanoseconds, each to be read beside those of the empty loop
 * @throws SystemError with the subject as `syscall` if a call failed, Error if one copied less
 * than `length` bytes; both say in which iteration
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @throws Error if native/build/libtiming-loops.so hasn't been built
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf } from '@fastipc/syscall-bindings';
 * import { measureLoop } from '@fastipc/syscall-bindings/measure-loop';
 *
 * const source = Buffer.alloc(4096);
 * const { nanosecondsPerCall, emptyLoopNanoseconds } = measureLoop('process_vm_readv', {
 * 	iterations: 1000,
 * 	pid: process.pid,
 * 	address: addressOf(source),
 * 	length: source.length,
 * });
 * assert.ok(nanosecondsPerCall > emptyLoopNanoseconds);
 * ```
 */
export function measureLoop<Subject extends MeasureSubject>(
	subject: Subject,
	options: MeasureOptions<Subject>,
): Measurement {
	checkOneOf('measureLoop', subject, 'subject', subjects);
	const checked = checkObject('measureLoop', options, 'options');
	const { total, length } = timeSubject(subject, checked);
	const { iterations } = options;
	const empty = runLoop('empty_loop', { ...nothing, iterations: BigInt(iterations) });
	return {
		subject,
		iterations,
		length,
		nanosecondsPerCall: total / iterations,
		emptyLoopNanoseconds: empty / iterations,
		totalNanoseconds: total,
	};
}
