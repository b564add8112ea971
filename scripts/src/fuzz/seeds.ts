// SPDX-License-Identifier: GPL-2.0-only
import { dbusMessagePath } from '@fastipc/native';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { splitMessages } from './messages.js';

/** Messages of real programs, one after the other. */
export const trafficFile = dbusMessagePath('traffic.dbus');

/** Writes each message of the recorded traffic to a file of its own, as libFuzzer wants them. */
export async function writeSeeds(directory: string): Promise<void> {
	await mkdir(directory, { recursive: true });
	const messages = splitMessages(await readFile(trafficFile));
	for (const [number, message] of messages.entries()) {
		await writeFile(path.join(directory, `traffic-${number}`), message);
	}
}
