// SPDX-License-Identifier: GPL-2.0-only
// Ways to have a process's execve(2) wait halfway, for as long as a test likes.
import { systemCall } from '@fastipc/syscall-bindings';
import type { Teardown } from '../teardown.js';
import { pageSize } from './pattern.js';
import { untilAsleepIn, untilMemoryIsNew } from './process-state.js';
import { startProcess, type TestProcess } from './test-process.js';
import { fillMissing, registerUserfault, shareDescriptor, waitForFault } from './userfaults.js';

// Numbers of x86-64, which is what the guest runs.
const SYS_execve = 59;
const SYS_wait4 = 61;
const __WALL = 0x4000_0000n;

/** An execve(2) that is going to wait. */
export interface Halt {
	/** What has to be an argument of the program. */
	argument?: bigint;
	/** Waits until the process is there; execve(2) has been called. */
	reached: () => Promise<void>;
	/** Lets it go on. */
	release: () => Promise<void>;
}

/** Memory of a process that has no pages until the test gives it some. */
async function missingPage(t: Teardown, owner: TestProcess) {
	const handler = await startProcess(t);
	const range = { address: await owner.map('anonymous', 1), length: pageSize };
	const own = await registerUserfault(owner, range, 'missing');
	const userfault = await shareDescriptor(owner, own, handler);
	return {
		address: range.address,
		touched: async () => {
			await waitForFault(handler, userfault);
		},
		// The pattern of 0 begins with a 0, so that it is an empty string as well.
		fill: () => fillMissing(handler, userfault, range, 0),
	};
}

/** It reads its arguments: nothing has been decided yet. */
export async function haltAtArguments(t: Teardown, target: TestProcess): Promise<Halt> {
	const page = await missingPage(t, target);
	return { argument: page.address, reached: page.touched, release: page.fill };
}

/** It waits for the process's other threads to be gone: there is no way back any more. */
export async function haltAtThreads(t: Teardown, target: TestProcess): Promise<Halt> {
	// Its parent, which is to reap it, is this process.
	const thread = Number(await target.request('traced-zombie'));
	let reaped = false;
	const release = () => {
		if (!reaped) {
			const { returned } = systemCall(SYS_wait4, BigInt(thread), 0n, __WALL, 0n);
			reaped = returned === BigInt(thread);
		}
		return reaped
			? Promise.resolve()
			: Promise.reject(new Error(`wait4() didn't reap the traced thread ${thread}`));
	};
	// The process couldn't even be killed before.
	t.teardown(release);
	return { reached: () => untilAsleepIn(target.id, SYS_execve), release };
}

/** It has the memory of the new program, and still the old credentials. */
export async function haltAtCredentials(t: Teardown, target: TestProcess): Promise<Halt> {
	const reader = await startProcess(t);
	const page = await missingPage(t, reader);
	const reading = reader.request(`read-counter ${target.id} 0x${page.address.toString(16)}`);
	await page.touched();
	return {
		reached: () => untilMemoryIsNew(target.id),
		release: async () => {
			await page.fill();
			await reading;
		},
	};
}
