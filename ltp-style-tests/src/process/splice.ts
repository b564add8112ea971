// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes that are given to a socket without being copied: they are still in the giver's hands.
 */
import { closeDescriptor, errnoName, systemCall } from '@fastipc/syscall-bindings';
import type { SystemCallName } from '@fastipc/syscall-bindings';

function must(expected: number, name: SystemCallName, ...words: (bigint | Uint8Array)[]): void {
	const { returned, errno } = systemCall(name, ...words);
	if (Number(returned) !== expected) {
		throw new Error(`${name}: expected ${expected}, got ${returned} (${errnoName(errno)})`);
	}
}

/**
 * Sends memory by vmsplice() and splice(), so that the socket refers to it.
 * @param address where the bytes are
 */
export function spliceMemory(socket: number, address: bigint, length: number): void {
	const pipe = new Int32Array(2);
	must(0, 'pipe2', new Uint8Array(pipe.buffer), 0n);
	const [reads = -1, writes = -1] = pipe;
	try {
		const vector = new BigUint64Array([address, BigInt(length)]);
		must(length, 'vmsplice', BigInt(writes), new Uint8Array(vector.buffer), 1n, 0n);
		must(length, 'splice', BigInt(reads), 0n, BigInt(socket), 0n, BigInt(length), 0n);
	} finally {
		closeDescriptor(reads);
		closeDescriptor(writes);
	}
}

/** Sends a file's first bytes by sendfile(), so that the socket refers to the file's pages. */
export function sendFile(socket: number, file: number, length: number): void {
	const offset = new BigInt64Array(1);
	const place = new Uint8Array(offset.buffer);
	must(length, 'sendfile', BigInt(socket), BigInt(file), place, BigInt(length));
}
