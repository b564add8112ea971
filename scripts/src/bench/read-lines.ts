// SPDX-License-Identifier: GPL-2.0-only
import { once } from 'node:events';
import readline from 'node:readline';
import { PassThrough } from 'node:stream';

/** A stream for the guest to write to, and the lines that come out of it. */
export interface LineReader {
	stream: PassThrough;
	/** Ends the stream and waits for its last line. */
	finish(): Promise<string[]>;
}

/**
 * Collects lines.
 * @param onLine is told each line, and how many there are with it
 */
export function readLines(onLine: (line: string, count: number) => void): LineReader {
	const lines: string[] = [];
	const stream = new PassThrough();
	const reader = readline.createInterface({ input: stream });
	reader.on('line', (line) => {
		onLine(line, lines.push(line));
	});
	const closed = once(reader, 'close');
	return {
		stream,
		finish: async () => {
			stream.end();
			await closed;
			return lines;
		},
	};
}
