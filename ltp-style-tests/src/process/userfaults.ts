// SPDX-License-Identifier: GPL-2.0-only
import { syscallNumbers } from '@fastipc/syscall-bindings';
import { mustCall } from './must-call.js';
import type { TestProcess } from './test-process.js';

// include/uapi/linux/userfaultfd.h
const UFFDIO_REGISTER_MODE_MISSING = 1;
const UFFDIO_REGISTER_MODE_WP = 2;
const UFFDIO_REGISTER_MODE_RWP = 8;
const UFFD_FEATURE_WP_UNPOPULATED = 1 << 13;
const UFFD_FEATURE_WP_ASYNC = 1 << 15;
const UFFD_FEATURE_RWP = 1 << 17;

/** What makes an access to memory wait, or (`written`) be noted down only. */
export type FaultKind = 'missing' | 'write' | 'access' | 'written';

const registrations: Readonly<Record<FaultKind, { modes: number; features: number }>> = {
	missing: { modes: UFFDIO_REGISTER_MODE_MISSING, features: 0 },
	write: { modes: UFFDIO_REGISTER_MODE_WP, features: 0 },
	access: { modes: UFFDIO_REGISTER_MODE_RWP, features: UFFD_FEATURE_RWP },
	written: {
		modes: UFFDIO_REGISTER_MODE_WP,
		features: UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED,
	},
};

/** The flags of the fault that each kind gives: UFFD_PAGEFAULT_FLAG_WP, UFFD_PAGEFAULT_FLAG_RWP. */
export const faultFlags = { write: 2, access: 8 } as const;
/** UFFD_PAGEFAULT_FLAG_WRITE: it was a write that found no page. */
export const faultFlagWrite = 1;

/** A range of one process's memory. */
export interface MemoryRange {
	address: bigint;
	length: number;
}

const words = ({ address, length }: MemoryRange) => `0x${address.toString(16)} ${length}`;

/** Has faults of a process's memory wait for user space. @returns the userfaultfd */
export async function registerUserfault(
	process: TestProcess,
	range: MemoryRange,
	kind: FaultKind,
): Promise<bigint> {
	const { modes, features } = registrations[kind];
	return BigInt(await process.request(`userfault ${words(range)} ${modes} ${features}`));
}

/** Gives one process a descriptor that another one has: pidfd_getfd(2). */
export async function shareDescriptor(
	from: TestProcess,
	descriptor: bigint,
	to: TestProcess,
): Promise<bigint> {
	const { pidfd_open, pidfd_getfd, close } = syscallNumbers;
	const pidfd = await mustCall(to, 'pidfd_open', pidfd_open, BigInt(from.id), 0n);
	const shared = await mustCall(to, 'pidfd_getfd', pidfd_getfd, pidfd, descriptor, 0n);
	await mustCall(to, 'close', close, pidfd);
	return shared;
}

/** Waits until somebody waits for a page. */
export async function waitForFault(
	handler: TestProcess,
	userfault: bigint,
): Promise<{ address: bigint; flags: number }> {
	const [address, flags] = (await handler.request(`userfault-wait ${userfault}`)).split(' ');
	return { address: BigInt(address ?? ''), flags: Number(flags) };
}

/** Puts pages with the pattern where there are none, and wakes who waits for them. */
export async function fillMissing(
	handler: TestProcess,
	userfault: bigint,
	range: MemoryRange,
	seed: number,
): Promise<void> {
	await handler.request(`userfault-copy ${userfault} ${words(range)} ${seed}`);
}

/** Protects pages from being written or accessed, or from nothing, and wakes who waits. */
export async function protectPages(
	handler: TestProcess,
	userfault: bigint,
	range: MemoryRange,
	from: 'write' | 'access' | 'none',
): Promise<void> {
	await handler.request(`userfault-protect ${userfault} ${words(range)} ${from}`);
}

/**
 * Starts a thread that resolves every fault.
 * @param base where, in the memory that the descriptor is about, the pattern begins
 */
export async function serveFaults(
	handler: TestProcess,
	userfault: bigint,
	base: bigint,
	seed: number,
): Promise<void> {
	await handler.request(`userfault-serve ${userfault} 0x${base.toString(16)} ${seed}`);
}
