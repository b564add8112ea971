// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import type { Reporter } from './reporter.js';
import { errorCode, UserError } from './user-error.js';

/** How to run a command. */
export interface RunOptions {
	cwd?: string;
	/** The environment, whole: nothing is inherited. Default: this process's own. */
	env?: NodeJS.ProcessEnv;
	input?: string;
	/** Where the command line is printed before it runs; left out for mere questions. */
	report?: Reporter | undefined;
	/** Called with each line of standard output as it comes. */
	onLine?: (line: string) => void;
}

/** What came of a command. */
export interface RunResult {
	/** The exit status, or undefined if a signal ended the command. */
	status: number | undefined;
	stdout: string;
	stderr: string;
}

/** A command line as a person would type it. */
export function formatCommand(command: string, args: readonly string[]): string {
	return [command, ...args]
		.map((word) => (/^[\w@%+=:,./~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
		.join(' ');
}

/** The last lines of a text, each indented, for a message. */
export function lastLines(text: string, count: number): string {
	return text
		.trimEnd()
		.split('\n')
		.slice(-count)
		.map((line) => `\n    ${line}`)
		.join('');
}

/**
 * Runs a command and returns what came of it, whatever its exit status.
 * @throws UserError if the command is not installed
 */
export async function tryRun(
	command: string,
	args: readonly string[],
	options: RunOptions = {},
): Promise<RunResult> {
	options.report?.say(`running ${formatCommand(command, args)}`);
	const subprocess = execa(command, args, {
		reject: false,
		stripFinalNewline: false,
		extendEnv: options.env === undefined,
		...(options.env && { env: options.env }),
		...(options.cwd !== undefined && { cwd: options.cwd }),
		...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
	});
	if (options.onLine !== undefined) {
		for await (const line of subprocess.iterable()) {
			options.onLine(line);
		}
	}
	const result = await subprocess;
	if (result.exitCode === undefined && errorCode(result) === 'ENOENT') {
		throw new UserError(`the command ${command} is missing: install it and try again`);
	}
	return { status: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/**
 * Runs a command that has to succeed.
 * @returns its standard output, whole
 * @throws UserError with the command line and the last lines of its standard error otherwise
 */
export async function run(
	command: string,
	args: readonly string[],
	options: RunOptions = {},
): Promise<string> {
	const { status, stdout, stderr } = await tryRun(command, args, options);
	if (status !== 0) {
		throw commandError(command, args, status, stderr);
	}
	return stdout;
}

/** The message for a command that failed. */
export function commandError(
	command: string,
	args: readonly string[],
	status: number | undefined,
	stderr: string,
): UserError {
	const ending = status === undefined ? 'was ended by a signal' : `failed with status ${status}`;
	const advice = /no space left on device/i.test(stderr)
		? '\nThe disk is full: free some space or set XDG_CACHE_HOME to a folder on another disk.'
		: '';
	return new UserError(
		`${formatCommand(command, args)} ${ending}:${lastLines(stderr, 20)}${advice}`,
	);
}
