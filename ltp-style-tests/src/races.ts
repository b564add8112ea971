// SPDX-License-Identifier: GPL-2.0-only
import type { Needs } from './needs/needs.js';

/** A race that native/build/copy-races knows, and what it needs besides root and two processors. */
export interface Race {
	name: string;
	/** What happens while the calls copy. */
	meets: string;
	config?: NonNullable<Needs['config']>;
}

/** All races; `copy-races --help` lists the same. */
export const races: readonly Race[] = [
	{ name: 'exec', meets: 'the target executes another program' },
	{ name: 'exec-by-thread', meets: "a thread that isn't the leader executes another program" },
	{
		name: 'exec-set-user-id',
		meets: 'the target executes a program that the caller may not copy',
	},
	{ name: 'exit', meets: 'the target exits, is killed, loses its leader' },
	{
		name: 'mrelease',
		meets: "process_mrelease() takes a killed target's memory away",
		config: ['CONFIG_USERFAULTFD', 'CONFIG_TRANSPARENT_HUGEPAGE'],
	},
	{ name: 'fork', meets: 'the target forks; no child sees what is written later' },
	{
		name: 'blocked',
		meets: 'the target does anything while the caller waits in the middle of a batch',
		config: ['CONFIG_USERFAULTFD', 'CONFIG_TRANSPARENT_HUGEPAGE'],
	},
	{ name: 'unmap', meets: 'the target unmaps its memory and maps it again' },
	{ name: 'mremap', meets: 'the target moves its memory away and back' },
	{ name: 'mprotect', meets: 'the target changes what its memory may be used for' },
	{
		name: 'collapse',
		meets: 'huge pages are made of small ones and taken apart',
		config: ['CONFIG_TRANSPARENT_HUGEPAGE', 'CONFIG_DEBUG_FS'],
	},
	{
		name: 'pageout',
		meets: "the target's pages are swapped out, and freed lazily before",
		config: ['CONFIG_SWAP', 'CONFIG_ZRAM'],
	},
	{ name: 'dump', meets: 'the target dumps core', config: ['CONFIG_COREDUMP'] },
	{ name: 'freeze', meets: 'the target is frozen and thawed', config: ['CONFIG_CGROUPS'] },
	{ name: 'oom', meets: 'the OOM killer kills the target', config: ['CONFIG_MEMCG'] },
	{
		name: 'memory-limit',
		meets: 'a memory cgroup is full; the target of one dies',
		config: ['CONFIG_MEMCG'],
	},
	{ name: 'crossed', meets: 'two processes copy out of and into each other' },
	{ name: 'threads', meets: 'a thousand threads copy one target, until it is killed' },
	{
		name: 'interrupted',
		meets: 'the caller is killed, stopped, traced, frozen or sent a signal in the middle of 1 GiB',
		config: ['CONFIG_MEMCG'],
	},
];
