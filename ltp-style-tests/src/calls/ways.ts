// SPDX-License-Identifier: GPL-2.0-only
import { syscallNumbers } from '@fastipc/syscall-bindings';

/** A call under test, or a peer in the same shape. */
export interface Way {
	readonly name: 'copy_from_process' | 'copy_to_process' | 'process_vm_readv' | 'process_vm_writev';
	/** `from`: out of the target into the caller's buffer. */
	readonly direction: 'from' | 'to';
	/** One of the calls that mainline has and that the new ones are measured by. */
	readonly peer: boolean;
	/** How memory-target calls it: its number, or a name for a peer. */
	word(): string;
}

/** The arguments as whole 64-bit registers, so that bits can be set which an `int` lacks. */
export interface CopyArguments {
	pid: bigint;
	address: bigint;
	length: bigint;
	buffer: bigint;
	/** 0 where left out. */
	flags?: bigint;
}

/** What a system call gave: `errno` is 0 unless `returned` is −1. */
export interface Outcome {
	returned: bigint;
	errno: number;
}

export const copyFrom: Way = {
	name: 'copy_from_process',
	direction: 'from',
	peer: false,
	word: () => String(syscallNumbers.copy_from_process),
};

export const copyTo: Way = {
	name: 'copy_to_process',
	direction: 'to',
	peer: false,
	word: () => String(syscallNumbers.copy_to_process),
};

export const peerFrom: Way = {
	name: 'process_vm_readv',
	direction: 'from',
	peer: true,
	word: () => 'peer-from',
};

export const peerTo: Way = {
	name: 'process_vm_writev',
	direction: 'to',
	peer: true,
	word: () => 'peer-to',
};

/** The calls of the contract. */
export const newWays: readonly Way[] = [copyFrom, copyTo];

/** The same out of a 64-bit process through the 32-bit entry, where they have the same numbers. */
export const int80Ways: readonly Way[] = newWays.map((way) => ({
	...way,
	word: () => `int80:${way.word()}`,
}));

/** The calls of the contract and their peers, which have to keep behaving as they do. */
export const allWays: readonly Way[] = [copyFrom, copyTo, peerFrom, peerTo];
