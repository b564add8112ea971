// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cacheDirectory, cachePath } from './cache.js';
import { run } from './run.js';
import { UserError } from './user-error.js';

/** What the kernel is compiled with. */
export interface Toolchain {
	/** The compiler's and the linker's own words on their versions; they are part of a build's key. */
	versions: string;
	/** Whether ccache is there. */
	ccache: boolean;
}

/** Commands that the kernel's build runs, and Debian's packages that have them. */
const neededCommands = [
	['make', 'make'],
	['gcc', 'gcc'],
	['ld', 'binutils'],
	['flex', 'flex'],
	['bison', 'bison'],
	['bc', 'bc'],
] as const;

/** Whether a command is in one of the folders of PATH. */
async function isInstalled(command: string): Promise<boolean> {
	const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((name) => name !== '');
	const found = await Promise.allSettled(
		folders.map((folder) => access(path.join(folder, command), constants.X_OK)),
	);
	return found.some((result) => result.status === 'fulfilled');
}

async function firstLine(command: string, args: readonly string[]): Promise<string> {
	return (await run(command, args)).split('\n')[0] ?? '';
}

/**
 * Finds out what there is to compile with.
 * @throws UserError that names missing commands and the packages to install, or a compiler for
 *   another architecture than the guest's
 */
export async function findToolchain(): Promise<Toolchain> {
	const installed = await Promise.all(neededCommands.map(([command]) => isInstalled(command)));
	const missing = neededCommands.filter((_command, index) => installed[index] !== true);
	if (missing.length > 0) {
		throw new UserError(
			`missing: ${missing.map(([command]) => command).join(', ')}. Run: apt-get install ${missing.map(([, name]) => name).join(' ')}`,
		);
	}
	const [machine, compiler, linker, ccache] = await Promise.all([
		firstLine('gcc', ['-dumpmachine']),
		firstLine('gcc', ['--version']),
		firstLine('ld', ['--version']),
		isInstalled('ccache'),
	]);
	if (!machine.startsWith('x86_64-')) {
		throw new UserError(
			`gcc compiles for ${machine}; the guest runs the host's own programs on x86-64, so gcc must compile for x86_64`,
		);
	}
	return { versions: `${compiler}\n${linker}`, ccache };
}

/** How many make runs at a time: one more than there are processors. */
export function jobCount(): number {
	return os.availableParallelism() + 1;
}

/**
 * The environment of make: only what it needs, so that a variable such as `ARCH` or `KCFLAGS` of
 * the caller's does not change the kernel; and fixed names and dates, so that the same sources make
 * the same kernel. The locale is fixed, too: ccache takes it into its hash, because the compiler's
 * messages depend on it. A `CCACHE_DIR` of the caller's is respected.
 * @param statsLog where ccache notes each result
 */
export function buildEnvironment(statsLog: string): NodeJS.ProcessEnv {
	const names = ['PATH', 'HOME', 'TMPDIR', 'CCACHE_DIR', 'CCACHE_MAXSIZE'];
	const inherited = Object.entries(process.env).filter(([name]) => names.includes(name));
	return {
		CCACHE_DIR: cachePath('ccache'),
		CCACHE_MAXSIZE: '10G',
		...Object.fromEntries(inherited),
		// Paths below the cache are hashed as relative ones: from objects/ the tree is ../tree for
		// every kernel, so that they share what is the same.
		CCACHE_BASEDIR: cacheDirectory(),
		CCACHE_NOHASHDIR: '1',
		CCACHE_STATSLOG: statsLog,
		// Set and empty: no + after the version for a tree that is not at a tag.
		LOCALVERSION: '',
		KBUILD_BUILD_USER: 'fastipc',
		KBUILD_BUILD_HOST: 'fastipc',
		KBUILD_BUILD_TIMESTAMP: '1970-01-01',
		KBUILD_BUILD_VERSION: '1',
		LANG: 'C.UTF-8',
	};
}

/** make's arguments for an out-of-tree build. */
export function makeArguments(tree: string, objects: string, toolchain: Toolchain): string[] {
	const compilers = toolchain.ccache ? ['CC=ccache gcc', 'HOSTCC=ccache gcc'] : [];
	// Kconfig notes the versions of rustc and pahole in the .config where it finds them. Nothing here
	// uses them, and the kernel shall not depend on whether they are installed.
	const unused = ['RUSTC=none', 'PAHOLE=none'];
	return ['-C', tree, `O=${objects}`, 'ARCH=x86', ...unused, ...compilers];
}
