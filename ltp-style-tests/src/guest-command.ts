// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { Kernel } from './needs/needs.js';

/** What to run in the guest, where, and with which environment. */
export interface GuestTestCommand {
	command: readonly string[];
	cwd: string;
	env: Readonly<Record<string, string>>;
}

const packageDirectory = path.dirname(
	fileURLToPath(import.meta.resolve('@fastipc/ltp-style-tests/package.json')),
);

/**
 * The command that runs the compiled tests by AVA and prints TAP.
 * @param options.kernel the kernel that the guest runs
 * @param options.part which tests; else those of the calls
 * @param options.syscallNumbers file with the numbers of the calls in that kernel, if they aren't
 *   those that syscall-bindings has
 * @param options.modules folder with the kernel's modules
 * @param options.unpacked folder with the files of a package that isn't installed
 * @param options.match runs only tests whose titles match, as AVA's `--match` does (`*` for anything)
 * @param options.raceSeconds for how long each race runs
 * @throws Error if the tests aren't compiled
 */
export function guestTestCommand(options: {
	kernel: Kernel;
	part?: TestPart | undefined;
	syscallNumbers?: string | undefined;
	modules?: string | undefined;
	unpacked?: string | undefined;
	match?: string | undefined;
	raceSeconds?: number | undefined;
}): GuestTestCommand {
	const { raceSeconds } = options;
	const avaCommand = path.join(path.dirname(fileURLToPath(import.meta.resolve('ava'))), 'cli.mjs');
	const match = options.match === undefined ? [] : ['--match', options.match];
	// A race takes longer than any test may of which it isn't known before.
	const limit =
		raceSeconds === undefined ? [] : ['--timeout', `${raceSeconds + raceGraceSeconds}s`];
	const ava = [avaCommand, '--config', 'ava.guest.config.js', '--tap', ...limit, ...match];
	const directory = testDirectory(options.kernel, options.part ?? 'calls');
	return {
		command: [process.execPath, ...ava, ...compiledTests(directory)],
		cwd: packageDirectory,
		env: {
			FASTIPC_KERNEL: options.kernel,
			...(raceSeconds !== undefined && { FASTIPC_RACE_SECONDS: String(raceSeconds) }),
			...(options.syscallNumbers && { FASTIPC_SYSCALL_NUMBERS: options.syscallNumbers }),
			...(options.modules && { FASTIPC_MODULES: options.modules }),
			...(options.unpacked && { FASTIPC_UNPACKED: options.unpacked }),
			// The guest has no terminal; its output is read by a program.
			NO_COLOR: '1',
		},
	};
}

/** For how long a race may go on that wasn't met, or hang, and the debug kernel begin. */
const raceGraceSeconds = 240;

/**
 * Tests that run in a guest of their own: of the calls, of AF_DBUS, and races, which fill and swap
 * out what memory the whole machine has.
 */
export type TestPart = 'calls' | 'dbus' | 'races';

/**
 * The folder with a part of the tests. The unpatched kernel has tests of its own, of what is to be
 * seen without the series, and so has the one with modules, of what only they do.
 */
function testDirectory(kernel: Kernel, part: TestPart): string {
	if (part !== 'calls') {
		return `tests/${part}`;
	}
	return kernel === 'base' || kernel === 'module' ? `tests/${kernel}` : 'tests';
}

/**
 * The compiled test files of a folder. They are found by their sources: what was compiled from a
 * source that is gone still lies in dist.
 */
function compiledTests(directory: string): string[] {
	return readdirSync(path.join(packageDirectory, directory))
		.filter((name) => name.endsWith('.test.ts'))
		.sort()
		.map((name) => {
			const file = path.join('dist', directory, name.replace(/\.ts$/, '.js'));
			if (!existsSync(path.join(packageDirectory, file))) {
				throw new Error(`${file} is missing in ${packageDirectory}: compile it with tsc --build`);
			}
			return file;
		});
}

/**
 * The command that shows the calls at work in the guest.
 * @throws Error if it isn't compiled
 */
export function demonstrationCommand(): string[] {
	const file = path.join(packageDirectory, 'dist/src/demonstration.js');
	if (!existsSync(file)) {
		throw new Error(`${file} is missing: compile it with tsc --build`);
	}
	return [process.execPath, file];
}

/**
 * The command that runs Debian's dbus-tests on AF_UNIX and on AF_DBUS, and prints TAP.
 * @throws Error if it isn't compiled
 */
export function dbusTestsCommand(): GuestTestCommand {
	const file = path.join(packageDirectory, 'dist/src/dbus-tests/main.js');
	if (!existsSync(file)) {
		throw new Error(`${file} is missing: compile it with tsc --build`);
	}
	return { command: [process.execPath, file], cwd: packageDirectory, env: {} };
}

/** A compiled kselftest. */
export interface SelftestToRun {
	/** As it is reported. */
	name: string;
	program: string;
	/** Which of its tests to run, if not all. */
	only?: readonly string[];
	/** On which processors, as taskset takes them; the first where left out. */
	cpus?: string;
}

/** The command that runs compiled kselftests and prints KTAP. */
export function selftestCommand(selftests: readonly SelftestToRun[]): GuestTestCommand {
	const script = path.join(packageDirectory, 'run-selftests.sh');
	const words = selftests.flatMap(({ name, program, only = [], cpus }) => [
		name,
		program,
		...only.flatMap((test) => ['--only', test]),
		...(cpus === undefined ? [] : ['--cpus', cpus]),
	]);
	return {
		command: [script, ...words],
		cwd: packageDirectory,
		env: {},
	};
}
