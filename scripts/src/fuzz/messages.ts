// SPDX-License-Identifier: GPL-2.0-only

/** The bytes that tell how long a message is. */
const fixedLength = 16;

function messageLength(bytes: Buffer): number {
	const order = bytes.toString('latin1', 0, 1);
	if (order !== 'l' && order !== 'B') {
		throw new Error(`no D-Bus message begins with byte ${bytes[0]}: 'l' or 'B' was expected`);
	}
	const read = (offset: number) =>
		order === 'B' ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
	return Math.ceil((fixedLength + read(12)) / 8) * 8 + read(4);
}

/**
 * Takes a stream of D-Bus messages apart.
 * @throws Error if it isn't one, or ends within a message
 */
export function splitMessages(stream: Buffer): Buffer[] {
	const messages: Buffer[] = [];
	for (let rest = stream; rest.length > 0;) {
		const length = rest.length < fixedLength ? Infinity : messageLength(rest);
		if (length > rest.length) {
			throw new Error(`the last ${rest.length} bytes are the beginning of a D-Bus message`);
		}
		messages.push(rest.subarray(0, length));
		rest = rest.subarray(length);
	}
	return messages;
}
