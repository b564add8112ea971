// SPDX-License-Identifier: GPL-2.0-only

/**
 * A failure whose cause is known and said in the message, with what to do about it.
 * Programs print the message alone; anything else that is thrown is a mistake of ours and keeps
 * its stack trace.
 */
export class UserError extends Error {
	override name = 'UserError';
}

/** The code of a system error (`ENOENT`, `ENOSPC` …), also of one wrapped as a cause. */
export function errorCode(error: unknown): string | undefined {
	if (!(error instanceof Error)) {
		return undefined;
	}
	if ('code' in error && typeof error.code === 'string') {
		return error.code;
	}
	return errorCode(error.cause);
}
