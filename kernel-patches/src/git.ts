// SPDX-License-Identifier: GPL-2.0-only
import { run, tryRun, type RunOptions, type RunResult } from './run.js';

/** Settings under which git does the same whatever the user has configured. */
const fixedSettings = [
	'core.hooksPath=/dev/null',
	'core.autocrlf=false',
	'core.fileMode=true',
	'commit.gpgSign=false',
	'gc.auto=0',
	'maintenance.auto=false',
	'advice.detachedHead=false',
].flatMap((setting) => ['-c', setting]);

const committer = {
	GIT_COMMITTER_NAME: 'fastipc',
	GIT_COMMITTER_EMAIL: 'fastipc@localhost',
};

/** This process's environment without git's own variables, as a hook would set them. */
function withoutGitVariables(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
	);
}

/** The environment in which commits come out the same on every machine. */
export function reproducibleGitEnvironment(): NodeJS.ProcessEnv {
	return {
		...withoutGitVariables(),
		...committer,
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_CONFIG_SYSTEM: '/dev/null',
		GIT_TERMINAL_PROMPT: '0',
		GIT_EDITOR: 'true',
		LC_ALL: 'C',
		TZ: 'UTC',
	};
}

/** What else a git command takes. */
export type GitOptions = Omit<RunOptions, 'cwd'>;

/** Arguments for git in a repository or a working tree, independent of the user's settings. */
function gitArguments(directory: string, args: readonly string[]): string[] {
	return ['-C', directory, ...fixedSettings, ...args];
}

/**
 * Runs git in one of our own repositories or working trees, independent of the user's settings.
 * @param directory a bare repository or a working tree
 * @returns standard output, whole
 * @throws UserError with git's reason if it fails
 */
export async function git(
	directory: string,
	args: readonly string[],
	options: GitOptions = {},
): Promise<string> {
	options.report?.say(`running git -C ${directory} ${args.join(' ')}`);
	return await run('git', gitArguments(directory, args), {
		env: reproducibleGitEnvironment(),
		...options,
		report: undefined,
	});
}

/** Like {@link git}, but returns a failure instead of throwing it. */
export async function tryGit(
	directory: string,
	args: readonly string[],
	options: GitOptions = {},
): Promise<RunResult> {
	options.report?.say(`running git -C ${directory} ${args.join(' ')}`);
	return await tryRun('git', gitArguments(directory, args), {
		env: reproducibleGitEnvironment(),
		...options,
		report: undefined,
	});
}

/**
 * Asks git about a repository of the user's: with the user's own settings (such as
 * `safe.directory`), and without the locks that even `git status` would take to refresh the index.
 */
export async function askUsersGit(directory: string, args: readonly string[]): Promise<RunResult> {
	return await tryRun('git', ['--no-optional-locks', '-C', directory, ...args], {
		env: { ...withoutGitVariables(), LC_ALL: 'C' },
	});
}

/** The commit that a name stands for, or undefined if there is none. */
export async function findCommit(directory: string, name: string): Promise<string | undefined> {
	const { status, stdout } = await tryGit(directory, [
		'rev-parse',
		'--verify',
		'--quiet',
		'--end-of-options',
		`${name}^{commit}`,
	]);
	return status === 0 ? stdout.trim() : undefined;
}
