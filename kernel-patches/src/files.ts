// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { onExit } from 'signal-exit';
import { z } from 'zod';
import { errorCode, UserError } from './user-error.js';

/** Whether something exists under that name; a dangling symbolic link does not. */
export { existsSync as exists } from 'node:fs';

/** The message for a full disk. */
export function diskFullError(directory: string, purpose: string): UserError {
	return new UserError(
		`the disk that holds ${directory} is full while ${purpose}: free some space or set XDG_CACHE_HOME to a folder on another disk, then run the command again`,
	);
}

function inGigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * Stops before a long piece of work for which the disk has no room.
 * @param directory an existing folder on the disk
 * @param bytes what the work needs
 * @param purpose what needs it, such as `unpacking Linux`
 * @throws UserError if less is free
 */
export async function requireSpace(
	directory: string,
	bytes: number,
	purpose: string,
): Promise<void> {
	const { bavail, bsize } = await statfs(directory);
	const free = bavail * bsize;
	if (free < bytes) {
		throw new UserError(
			`${purpose} needs ${inGigabytes(bytes)} in ${directory}, and its disk has ${inGigabytes(free)} free: free some space or set XDG_CACHE_HOME to a folder on another disk`,
		);
	}
}

/**
 * Runs `work` on a file or folder that lives no longer than it: it is removed afterwards, also when
 * a signal ends the process, and one that a killed process left is removed first. The caller holds
 * the lock under which the path is used.
 */
export async function withTemporary<Result>(
	temporary: string,
	work: () => Promise<Result>,
): Promise<Result> {
	await mkdir(path.dirname(temporary), { recursive: true });
	await rm(temporary, { recursive: true, force: true });
	const forget = onExit(() => {
		rmSync(temporary, { recursive: true, force: true });
	});
	try {
		return await work();
	} finally {
		await rm(temporary, { recursive: true, force: true });
		forget();
	}
}

/**
 * Makes a file or folder that is complete or absent: `make` fills a part beside it, which is then
 * renamed. The caller holds the lock under which `target` is made.
 * @param target the final path; an older file there is replaced, an older folder must not exist
 * @throws UserError if the disk is full, else what `make` throws
 */
export async function completeOrAbsent<Result>(
	target: string,
	make: (part: string) => Promise<Result>,
): Promise<Result> {
	const part = `${target}.part`;
	return await withTemporary(part, async () => {
		try {
			const result = await make(part);
			await rename(part, target);
			return result;
		} catch (error) {
			throw errorCode(error) === 'ENOSPC' ? diskFullError(target, `writing ${target}`) : error;
		}
	});
}

/**
 * Reads a file that need not exist.
 * @throws what reading throws, for any other reason than that it is absent
 */
export async function readIfPresent(file: string): Promise<string | undefined> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		if (errorCode(error) === 'ENOENT') {
			return undefined;
		}
		throw error;
	}
}

/** Writes a file, whole or not at all, and leaves it alone if it holds that text already. */
export async function writeWhole(file: string, text: string): Promise<void> {
	if ((await readIfPresent(file)) !== text) {
		await completeOrAbsent(file, async (part) => {
			await writeFile(part, text);
		});
	}
}

/**
 * Checks the text of a JSON file.
 * @param file its name, for the message
 * @throws UserError that names the file and what is wrong in it
 */
export function parseJson<Schema extends z.ZodType>(
	text: string,
	schema: Schema,
	file: string,
): z.infer<Schema> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new UserError(`${file} is not JSON: ${error instanceof Error ? error.message : ''}`, {
			cause: error,
		});
	}
	const checked = schema.safeParse(value);
	if (!checked.success) {
		throw new UserError(`${file} is not as it should be:\n${z.prettifyError(checked.error)}`);
	}
	return checked.data;
}
