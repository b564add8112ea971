// SPDX-License-Identifier: GPL-2.0-only
import { open } from 'node:fs/promises';

/** Of a log that a guest has filled without end, only so much of the end is looked at. */
const longestLog = 64 << 20;

/**
 * The console's lines, without the carriage returns of a serial line.
 * @param log what QEMU wrote; the last line may be incomplete
 */
export function consoleLines(log: string): string[] {
	const lines = log.replaceAll('\r', '').split('\n');
	if (lines.at(-1) === '') {
		lines.pop();
	}
	return lines;
}

/** Reads the console's file, at most its last 64 MiB. */
export async function readConsole(file: string): Promise<string[]> {
	const handle = await open(file);
	try {
		const { size } = await handle.stat();
		if (size === 0) {
			return [];
		}
		const length = Math.min(size, longestLog);
		const { buffer, bytesRead } = await handle.read({
			buffer: Buffer.alloc(length),
			position: size - length,
		});
		return consoleLines(buffer.toString('utf8', 0, bytesRead));
	} finally {
		await handle.close();
	}
}
