// SPDX-License-Identifier: GPL-2.0-only
import { Transform, type Duplex, type Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createInputEncoder } from './frames.js';

/** Bytes on their way from a port to where the caller wants them. */
export interface Output {
	/** How many have arrived so far. */
	bytes: number;
	/** Settles when QEMU has closed the port and all has been written. Never rejects. */
	ended: Promise<void>;
	/** Whether the destination takes no more just now. */
	isHeldUp(): boolean;
}

/**
 * Passes a port's bytes on, at the speed of the slower side.
 * @param onBytes is called after each arrival
 * @param onClosed is called if the destination takes no more, such as a pipe without a reader
 */
export function forwardOutput(
	port: Duplex,
	destination: Writable,
	onBytes: () => void,
	onClosed: () => void,
): Output {
	const counter = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			output.bytes += chunk.length;
			done(null, chunk);
			onBytes();
		},
	});
	const discard = () => {
		counter.unpipe(destination).resume();
		onClosed();
	};
	destination.once('error', discard).once('close', discard);
	// The destination is the caller's, and stays open for what else it writes.
	port.pipe(counter).pipe(destination, { end: false });
	// Also when the port breaks without an end.
	port.once('close', () => counter.end());
	const output: Output = {
		bytes: 0,
		ended: finished(counter)
			.then(() => untilWritten(destination))
			.finally(() => destination.off('error', discard).off('close', discard)),
		isHeldUp: () => destination.writableNeedDrain,
	};
	return output;
}

// Settles when everything written before has been taken, or never will be.
function untilWritten(destination: Writable): Promise<void> {
	return new Promise((resolve) => {
		destination.write('', () => {
			resolve();
		});
	});
}

/**
 * Passes the command's input on, until it or the guest ends.
 * @returns stops reading, so that the source doesn't keep this process alive
 */
export function forwardInput(source: Readable | undefined, port: Duplex): () => void {
	const encoder = createInputEncoder();
	// The end of input is a frame; closing the port would tell the guest that we are gone.
	encoder.pipe(port, { end: false });
	if (source === undefined) {
		encoder.end();
		return () => undefined;
	}
	source.pipe(encoder);
	return () => {
		source.unpipe(encoder);
		source.pause();
	};
}

/** Settles when a port has been read to its end. Never rejects: QEMU's end is told elsewhere. */
export async function untilClosed(port: Duplex): Promise<void> {
	await finished(port, { writable: false }).catch(() => undefined);
}
