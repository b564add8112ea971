// SPDX-License-Identifier: GPL-2.0-only

/** The ways by which Open MPI's shared-memory transport gets a large message to another rank. */
export const mechanisms = ['shared_memory', 'process_vm', 'copy_process'] as const;

/** One of {@link mechanisms}, as the JSON has it. */
export type Mechanism = (typeof mechanisms)[number];

/** What each is, for people. */
export const mechanismWords: Readonly<Record<Mechanism, string>> = {
	shared_memory: 'shared memory',
	process_vm: 'process_vm_*',
	copy_process: 'copy_*_process',
};

/** What Open MPI calls it (`btl_vader_single_copy_mechanism`). */
export const openMpiName: Readonly<Record<Mechanism, 'none' | 'cma'>> = {
	shared_memory: 'none',
	process_vm: 'cma',
	copy_process: 'cma',
};
