// SPDX-License-Identifier: GPL-2.0-only
import { errnoName } from '@fastipc/syscall-bindings';
import type { TestProcess } from './test-process.js';

/**
 * Has a process make a system call that a test needs to succeed.
 * @param what names the call in the message
 * @returns what the call gave
 * @throws Error with the errno's name if it fails
 */
export async function mustCall(
	process: TestProcess,
	what: string,
	number: number,
	...parameters: bigint[]
): Promise<bigint> {
	const { returned, errno } = await process.systemCall(number, ...parameters);
	if (returned === -1n) {
		const words = parameters.map((word) => `0x${word.toString(16)}`).join(', ');
		throw new Error(`process ${process.id}: ${what}(${words}) failed: ${errnoName(errno)}`);
	}
	return returned;
}
