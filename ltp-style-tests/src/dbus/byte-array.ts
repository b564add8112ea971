// SPDX-License-Identifier: GPL-2.0-only
import type { Particulars } from './exchange.js';

/**
 * A body that is of interest for its length only: an array of bytes, all of one value.
 * @param length of the array, in bytes, from 0 to what a message may have; with the number in
 *   front that says it, the body has four more
 */
export function byteArray(length: number): Required<Pick<Particulars, 'signature' | 'body'>> {
	const body = Buffer.alloc(4 + length, 0x5a);
	body.writeUInt32LE(length);
	return { signature: 'ay', body };
}
