// SPDX-License-Identifier: GPL-2.0-only

/** Bytes in a page, on every kernel that the guest runs. */
export const pageSize = 4096;

/**
 * The pattern that memory-target fills memory with: every 4-byte word of it differs from
 * every other, so bytes that ended up in the wrong place don't look right.
 * @param length how many bytes
 * @param seed which pattern, a 32-bit number
 * @param offset where in the pattern to begin
 */
export function patternBytes(length: number, seed: number, offset = 0): Uint8Array {
	const firstWord = Math.floor(offset / 4);
	const words = new Uint32Array(Math.ceil((offset + length) / 4) - firstWord);
	for (let index = 0; index < words.length; index++) {
		words[index] = Math.imul(firstWord + index, 0x9e3779b1) + seed;
	}
	return new Uint8Array(words.buffer, offset - 4 * firstWord, length);
}

/**
 * The seed of the pattern that another pattern is from a place on.
 * @param offset where in the other pattern, a multiple of 4
 */
export function seedAt(seed: number, offset: number): number {
	return (seed + Math.imul(offset / 4, 0x9e3779b1)) >>> 0;
}

/**
 * Where two runs of bytes first differ.
 * @returns a sentence for a test's message, or undefined if they are the same
 */
export function describeDifference(got: Uint8Array, expected: Uint8Array): string | undefined {
	if (got.byteLength !== expected.byteLength) {
		return `${got.byteLength} bytes, expected ${expected.byteLength}`;
	}
	if (Buffer.compare(got, expected) === 0) {
		return undefined;
	}
	const offset = got.findIndex((byte, index) => byte !== expected[index]);
	return `differs at byte ${offset}: ${hexByte(got[offset])}, expected ${hexByte(expected[offset])}`;
}

function hexByte(byte: number | undefined): string {
	return byte === undefined ? 'nothing' : `0x${byte.toString(16).padStart(2, '0')}`;
}
