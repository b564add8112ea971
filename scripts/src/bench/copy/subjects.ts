// SPDX-License-Identifier: GPL-2.0-only

/** Kinds of memory that are copied, by the names that copy-bench has for them. */
export const memoryKinds = ['small', 'scattered', 'thp', 'pages'] as const;

/** A kind of memory; the bench's own program proves that the memory is of it. */
export type MemoryKind = (typeof memoryKinds)[number];

/** What each kind of memory is, for people. */
export const memoryWords: Readonly<Record<MemoryKind, string>> = {
	small: '4 KiB pages, nearly all side by side physically',
	scattered: '4 KiB pages, no two neighbours side by side physically',
	thp: 'transparent huge pages of 2 MiB',
	pages:
		'one byte in each of 64 pages of 4 KiB: 64 calls where a call takes one range, one process_vm_* call',
};

/** The calls of the cross-memory series. */
export const newCalls = ['copy_from_process', 'copy_to_process'] as const;

/** The calls that they are compared with. */
export const peers = ['process_vm_readv', 'process_vm_writev'] as const;

/** What a measured figure is held against besides; the same on every kernel. */
export const yardsticks = ['empty_loop', 'floor'] as const;

/** Ways that the series doesn't touch. */
export const otherWays = [
	'proc_mem_read',
	'proc_mem_write',
	'proc_mem_read_open',
	'proc_mem_write_open',
	'shared_memory',
	'pipe',
	'vmsplice',
	'unix_stream',
] as const;

/** A subject that has no bytes: it is measured once. */
export function isWithoutBytes(subject: string): boolean {
	return subject === 'empty_loop' || subject === 'handshake';
}

/** The name of a peer's figure on the patched kernel. */
export function patched(peer: (typeof peers)[number]): string {
	return `${peer} (patched)`;
}

/** Every subject of a finished measurement, in the order of the tables. */
export const allSubjects: readonly string[] = [
	'empty_loop',
	'handshake',
	'floor',
	...newCalls,
	...peers,
	...peers.map(patched),
	...otherWays,
];

/** What is run on each kernel. The old ways are those of the unpatched one. */
export const subjectsOf = {
	base: [...yardsticks, 'handshake', ...peers, ...otherWays],
	release: [...yardsticks, ...newCalls, ...peers],
} as const;
