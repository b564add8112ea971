// SPDX-License-Identifier: GPL-2.0-only
/*
 * This process's own memory by address. It goes through a pipe: an address that isn't mapped
 * is then EFAULT and not the end of Node, and the copying is done by code that has nothing to
 * do with the system calls under test.
 */
import { closeSync, constants, readSync, writeSync } from 'node:fs';

import { addressWord, checkBuffer, integerWord } from './argument-words.js';
import { callOrThrow, hexadecimal } from './system-call.js';

/** What a pipe usually holds. Where it holds less, a write to it moves less. */
const chunkLength = 65536;
const closeOnExec = 0o2000000;

interface Pipe {
	readEnd: number;
	writeEnd: number;
}

function openPipe(): Pipe {
	const descriptors = new Int32Array(2);
	const flags = BigInt(closeOnExec | constants.O_NONBLOCK);
	callOrThrow('pipe2', [new Uint8Array(descriptors.buffer), flags], () => 'O_CLOEXEC | O_NONBLOCK');
	const [readEnd = -1, writeEnd = -1] = descriptors;
	return { readEnd, writeEnd };
}

function withPipe(use: (pipe: Pipe) => void): void {
	const pipe = openPipe();
	try {
		use(pipe);
	} finally {
		closeSync(pipe.readEnd);
		closeSync(pipe.writeEnd);
	}
}

/** `write` takes from memory, `read` stores into it; as many bytes as can be at once. */
function moveSome(
	call: 'read' | 'write',
	descriptor: number,
	address: bigint,
	length: number,
): number {
	const words = [BigInt(descriptor), address, BigInt(length)];
	const describe = (): string => `address ${hexadecimal(address)}, length ${length}`;
	return Number(callOrThrow(call, words, describe));
}

/**
 * Copies bytes out of this process's own memory.
 * @param address where they begin, 0n to 2^64 − 1
 * @param length bytes, 0 to 2^32
 * @returns a buffer of its own with all of them
 * @throws SystemError with `syscall: 'write'` (to a pipe): `EFAULT` where a part of the range
 * isn't mapped or not readable
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, readMemory } from '@fastipc/syscall-bindings';
 *
 * const buffer = Buffer.from('by name');
 * assert.equal(readMemory(addressOf(buffer) + 3n, 4).toString(), 'name');
 * ```
 */
export function readMemory(address: bigint, length: number): Buffer {
	const start = addressWord('readMemory', address);
	const place = { caller: 'readMemory', argument: 'length' };
	const bytes = Buffer.alloc(Number(integerWord(place, length, 0, 2 ** 32)));
	withPipe(({ readEnd, writeEnd }) => {
		let done = 0;
		while (done < length) {
			const wanted = Math.min(length - done, chunkLength);
			const moved = moveSome('write', writeEnd, start + BigInt(done), wanted);
			for (const end = done + moved; done < end;) {
				done += readSync(readEnd, bytes, done, end - done, null);
			}
		}
	});
	return bytes;
}

/**
 * Copies bytes into this process's own memory. Where it throws, a part may have been written.
 * @param address where they go, 0n to 2^64 − 1
 * @param bytes what is written
 * @throws SystemError with `syscall: 'read'` (from a pipe): `EFAULT` where a part of the range
 * isn't mapped or not writable
 * @throws TypeError, RangeError (codes `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { addressOf, writeMemory } from '@fastipc/syscall-bindings';
 *
 * const buffer = Buffer.from('by nobody');
 * writeMemory(addressOf(buffer) + 3n, Buffer.from('somebo'));
 * assert.equal(buffer.toString(), 'by somebo');
 * ```
 */
export function writeMemory(address: bigint, bytes: Uint8Array): void {
	const start = addressWord('writeMemory', address);
	const { length } = checkBuffer('writeMemory', bytes, 'bytes');
	withPipe(({ readEnd, writeEnd }) => {
		let done = 0;
		while (done < length) {
			const filled = writeSync(writeEnd, bytes, done, Math.min(length - done, chunkLength));
			for (const end = done + filled; done < end;) {
				done += moveSome('read', readEnd, start + BigInt(done), end - done);
			}
		}
	});
}
