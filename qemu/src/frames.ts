// SPDX-License-Identifier: GPL-2.0-only
import { Transform } from 'node:stream';

/** The types of frame that guest-init knows: `enum frame_type` in native/src/guest-ports.h. */
export const frameTypes = {
	argument: 'A',
	environment: 'E',
	directory: 'D',
	home: 'H',
	keepVisible: 'K',
	random: 'R',
	terminal: 'T',
	checkLeaks: 'L',
	start: 'S',
	input: 'I',
	leave: 'Q',
} as const;

export type FrameType = keyof typeof frameTypes;

/** guest-init takes no longer payload (FRAME_LENGTH_MAX). */
const longestPayload = 1 << 20;

/** So much of stdin goes into one frame. The guest takes a frame in one go. */
const inputPiece = 32 << 10;

/**
 * One message to guest-init: a byte of type, four of length (little endian), the payload.
 * @throws RangeError if the payload has more than a mebibyte
 */
export function encodeFrame(type: FrameType, payload: string | Uint8Array = ''): Buffer {
	const body = Buffer.from(payload);
	if (body.length > longestPayload) {
		throw new RangeError(
			`a frame of type ${type} can carry ${longestPayload} bytes, got ${body.length}`,
		);
	}
	const header = Buffer.alloc(5);
	header.write(frameTypes[type], 0, 'latin1');
	header.writeUInt32LE(body.length, 1);
	return Buffer.concat([header, body]);
}

/** A terminal's size, in characters. */
export interface TerminalSize {
	rows: number;
	columns: number;
}

/** Before the start: the command gets a terminal of this size. Later: the size has changed. */
export function encodeTerminal({ rows, columns }: TerminalSize): Buffer {
	const payload = Buffer.alloc(4);
	payload.writeUInt16LE(rows, 0);
	payload.writeUInt16LE(columns, 2);
	return encodeFrame('terminal', payload);
}

/** Turns a stream of bytes into input frames, and its end into the one that says so. */
export function createInputEncoder(): Transform {
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			for (let start = 0; start < chunk.length; start += inputPiece) {
				this.push(encodeFrame('input', chunk.subarray(start, start + inputPiece)));
			}
			done();
		},
		flush(done) {
			done(null, encodeFrame('input'));
		},
	});
}
