// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { createTeardown } from '../teardown.js';
import type { MemoryProgram } from './channel.js';
import { startProcess, type TestProcess } from './test-process.js';

/**
 * Processes that all tests of a file use; they end with the file's last test. Each is
 * started when it is first asked for, and again if it has ended, so that a test that
 * brings one down doesn't fail those that follow.
 * @param prepare what is done with a process before its first use
 * @param programs what is run in place of memory-target
 */
export function sharedProcesses<Name extends string>(
	prepare: Readonly<Partial<Record<Name, (process: TestProcess) => Promise<void>>>>,
	programs?: Readonly<Partial<Record<Name, MemoryProgram>>>,
): (name: Name) => Promise<TestProcess> {
	const lastTeardown = createTeardown();
	const started = new Map<Name, Promise<TestProcess>>();
	test.after.always('ends the processes of this file', () => lastTeardown.end());
	const start = async (name: Name) => {
		const process = await startProcess(lastTeardown, programs?.[name]);
		await prepare[name]?.(process);
		return process;
	};
	return async (name) => {
		const known = await started.get(name);
		if (known !== undefined && !known.hasEnded()) {
			return known;
		}
		const process = start(name);
		started.set(name, process);
		return process;
	};
}
