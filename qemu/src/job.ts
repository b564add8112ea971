// SPDX-License-Identifier: GPL-2.0-only
import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeFrame, encodeTerminal, type FrameType, type TerminalSize } from './frames.js';
import type { GuestOptions } from './options.js';

/** Twice what the kernel's generator waits for (POOL_READY_BITS in drivers/char/random.c). */
const seedBytes = 64;

// The paths that exist, as given and with symbolic links followed: a link may lie where a tmpfs
// covers it, or lead there.
function existing(paths: readonly string[]): string[] {
	const found = paths.filter((file) => existsSync(file));
	return [...new Set(found.flatMap((file) => [path.resolve(file), realpathSync(file)]))];
}

/** The host's home directories that are writable in the guest: our user's and root's. */
export function homeDirectories(): string[] {
	return existing([os.homedir(), '/root']).filter((home) => home !== '/');
}

function frames(type: FrameType, payloads: readonly string[]): Buffer[] {
	return payloads.map((payload) => encodeFrame(type, payload));
}

/**
 * What guest-init has to know before it can run the command.
 * @param terminal the size of the command's terminal, or undefined if it gets pipes
 */
export function encodeJob(options: GuestOptions, terminal: TerminalSize | undefined): Buffer {
	return Buffer.concat([
		...frames('argument', options.command),
		...frames(
			'environment',
			Object.entries(options.env).map(([name, value]) => `${name}=${value}`),
		),
		encodeFrame('directory', options.cwd),
		...frames('home', homeDirectories()),
		...frames('keepVisible', existing([options.cwd, ...(options.keepVisible ?? [])])),
		...(terminal === undefined ? [] : [encodeTerminal(terminal)]),
		...(options.debugChecks ? [encodeFrame('checkLeaks')] : []),
		encodeFrame('random', randomBytes(seedBytes)),
		encodeFrame('start'),
	]);
}
