// SPDX-License-Identifier: GPL-2.0-only
import type { CopyRow } from './rows.js';
import { patched, type MemoryKind } from './subjects.js';

/** What a subject's instructions may be at most, as a multiple of another's. */
export interface Limit {
	/** Pairs of a subject and what it is held against. */
	pairs: readonly (readonly [subject: string, baseline: string])[];
	memories: readonly MemoryKind[];
	/** Message sizes that it is for, both included. */
	bytes: readonly [least: number, most: number];
	atMost: number;
}

/** What came of a limit at one size. */
export interface Judgement {
	subject: string;
	baseline: string;
	memory: MemoryKind;
	bytes: number;
	ratio: number;
	atMost: number;
	kept: boolean;
}

const toPeers = [
	['copy_from_process', 'process_vm_readv'],
	['copy_to_process', 'process_vm_writev'],
] as const;

const toFloor = [
	['copy_from_process', 'floor'],
	['copy_to_process', 'floor'],
] as const;

const patchedPeers = [
	[patched('process_vm_readv'), 'process_vm_readv'],
	[patched('process_vm_writev'), 'process_vm_writev'],
] as const;

const KiB = 1024;
const MiB = 1024 * KiB;
const everything = Number.POSITIVE_INFINITY;

/** All limits. The peers they name are those of the unpatched kernel. */
export const limits: readonly Limit[] = [
	{ pairs: toPeers, memories: ['small', 'scattered', 'thp'], bytes: [1, 512], atMost: 0.6 },
	{
		pairs: toPeers,
		memories: ['small', 'scattered', 'thp'],
		bytes: [4 * KiB, 4 * KiB],
		atMost: 0.7,
	},
	{ pairs: toPeers, memories: ['small'], bytes: [64 * KiB, everything], atMost: 0.55 },
	{ pairs: toPeers, memories: ['scattered'], bytes: [64 * KiB, everything], atMost: 0.59 },
	{ pairs: toFloor, memories: ['thp'], bytes: [2 * MiB, 2 * MiB], atMost: 1.03 },
	{ pairs: patchedPeers, memories: ['small'], bytes: [64 * KiB, everything], atMost: 0.6 },
];

/** The row of that subject, if it was measured. */
export function findRow(
	rows: readonly CopyRow[],
	subject: string,
	memory: MemoryKind,
	bytes: number,
): CopyRow | undefined {
	return rows.find(
		(row) => row.subject === subject && row.memory === memory && row.bytes === bytes,
	);
}

function isFor({ memories, bytes: [least, most] }: Limit, row: CopyRow): boolean {
	return memories.includes(row.memory) && row.bytes >= least && row.bytes <= most;
}

/**
 * Holds every row against the limits that are for it.
 * @throws Error if a row's baseline wasn't measured
 */
export function judge(rows: readonly CopyRow[], given: readonly Limit[] = limits): Judgement[] {
	return given.flatMap((limit) =>
		limit.pairs.flatMap(([subject, baseline]) =>
			rows
				.filter((row) => row.subject === subject && isFor(limit, row))
				.map(({ memory, bytes, instructions }) => {
					const floor = findRow(rows, baseline, memory, bytes);
					if (floor === undefined) {
						throw new Error(`${subject} was measured without ${baseline}: ${bytes} B, ${memory}`);
					}
					const { atMost } = limit;
					const ratio = instructions / floor.instructions;
					return { subject, baseline, memory, bytes, ratio, atMost, kept: ratio <= atMost };
				}),
		),
	);
}
