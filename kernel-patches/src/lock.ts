// SPDX-License-Identifier: GPL-2.0-only
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { cachePath } from './cache.js';
import type { Reporter } from './reporter.js';
import { errorCode, UserError } from './user-error.js';

/** A lock that nobody renewed for this long belonged to a process that was killed. */
const staleAfter = 20_000;

async function acquire(
	file: string,
	subject: string,
	report: Reporter,
	onCompromised: (error: Error) => void,
): Promise<() => Promise<void>> {
	for (let attempt = 0; ; attempt += 1) {
		try {
			return await lock(file, { realpath: false, stale: staleAfter, onCompromised });
		} catch (error) {
			if (errorCode(error) !== 'ELOCKED') {
				throw error;
			}
		}
		if (attempt === 0) {
			report.say(`waiting for another run that works on ${subject} (lock: ${file}.lock)`);
		}
		await delay(500);
	}
}

/**
 * Runs `work` while no other process, of this or another checkout, works on the same thing.
 * Waits for as long as another one holds the lock, and says so. The lock of a killed process is
 * taken over 20 seconds after its last sign of life.
 * @param name the lock's name, a relative path such as `build/release`
 * @param subject what is being worked on, for the message while waiting
 * @throws UserError if the lock was lost on the way, as when the machine slept
 */
export async function withLock<Result>(
	name: string,
	subject: string,
	report: Reporter,
	work: () => Promise<Result>,
): Promise<Result> {
	const file = cachePath('locks', name.replaceAll('/', '-'));
	await mkdir(path.dirname(file), { recursive: true });
	const held = new AbortController();
	const lost = new Promise<never>((_resolve, reject) => {
		held.signal.addEventListener('abort', () => {
			const advice = 'another run may have taken it: run the command again';
			reject(new UserError(`the lock on ${subject} was lost; ${advice}`));
		});
	});
	const release = await acquire(file, subject, report, (error) => {
		held.abort(error);
	});
	try {
		return await Promise.race([work(), lost]);
	} finally {
		if (!held.signal.aborted) {
			await release();
		}
	}
}
