// SPDX-License-Identifier: GPL-2.0-only
import type { Readable, Writable } from 'node:stream';
import tty from 'node:tty';
import { encodeTerminal, type TerminalSize } from './frames.js';

/** The size of a guest's terminal whose output doesn't go to one of ours. */
const defaultSize: TerminalSize = { rows: 24, columns: 80 };

/** The size of the terminal that a stream writes to. */
export function terminalSize(stdout: Writable): TerminalSize {
	return stdout instanceof tty.WriteStream
		? { rows: stdout.rows, columns: stdout.columns }
		: defaultSize;
}

/**
 * Hands our terminal over to the guest's: each key goes there as it is, Ctrl-C too, and the guest
 * hears of changes of size.
 * @param commandPort where guest-init takes its frames from
 * @returns gives the terminal back
 */
export function handOverTerminal(
	stdin: Readable | undefined,
	stdout: Writable,
	commandPort: Writable,
): () => void {
	const resize = () => commandPort.write(encodeTerminal(terminalSize(stdout)));
	const terminal = stdin instanceof tty.ReadStream ? stdin : undefined;
	terminal?.setRawMode(true);
	stdout.on('resize', resize);
	return () => {
		terminal?.setRawMode(false);
		stdout.off('resize', resize);
	};
}
