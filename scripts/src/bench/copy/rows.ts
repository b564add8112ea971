// SPDX-License-Identifier: GPL-2.0-only
import { figureName, type Figure } from './figures.js';
import {
	allSubjects,
	memoryKinds,
	patched,
	peers,
	yardsticks,
	type MemoryKind,
} from './subjects.js';

/** What one message costs; an element of the array that `--json` writes. */
export interface CopyRow {
	/** The call's own name; on the patched kernel the peers' with ` (patched)` behind. */
	subject: string;
	bytes: number;
	memory: MemoryKind;
	/** Executed by kernel and programs together, for one message. */
	instructions: number;
	/** The same in time; null where there is no KVM that would make it mean something. */
	nanoseconds: number | null;
}

/** The figures of one boot. */
export interface Pass {
	kernel: 'base' | 'release';
	/** What the guest's clock counts. */
	clock: 'instructions' | 'time';
	figures: readonly Figure[];
}

/** Two boots have to agree so well in what no kernel changes. */
const agreement = 0.01;

function isYardstick({ subject }: Figure): boolean {
	return yardsticks.some((name) => name === subject);
}

function figuresOf(
	passes: readonly Pass[],
	kernel: Pass['kernel'],
	clock: Pass['clock'],
): Figure[] {
	return passes
		.filter((pass) => pass.kernel === kernel && pass.clock === clock)
		.flatMap(({ figures }) => figures);
}

/**
 * Counts of two boots may be compared only where the counting is the same in both.
 * @throws Error if what doesn't depend on the kernel differs
 */
function requireAgreement(base: readonly Figure[], release: readonly Figure[]): void {
	const counts = new Map(base.map((figure) => [figureName(figure), figure.nanoseconds]));
	for (const figure of release.filter(isYardstick)) {
		const expected = counts.get(figureName(figure)) ?? Number.NaN;
		if (!(Math.abs(figure.nanoseconds / expected - 1) <= agreement)) {
			throw new Error(
				`${figureName(figure)}: ${figure.nanoseconds} instructions in one boot, ${expected} in the other, so that counts of the two can't be compared`,
			);
		}
	}
}

/** The figures of both kernels under their final names; the yardsticks are those of base. */
function namedFigures(passes: readonly Pass[], clock: Pass['clock']): Figure[] {
	const release = figuresOf(passes, 'release', clock)
		.filter((figure) => !isYardstick(figure))
		.map((figure) => {
			const peer = peers.find((name) => name === figure.subject);
			return peer === undefined ? figure : { ...figure, subject: patched(peer) };
		});
	return [...figuresOf(passes, 'base', clock), ...release];
}

function compareRows(one: CopyRow, other: CopyRow): number {
	return (
		memoryKinds.indexOf(one.memory) - memoryKinds.indexOf(other.memory) ||
		allSubjects.indexOf(one.subject) - allSubjects.indexOf(other.subject) ||
		one.bytes - other.bytes
	);
}

/**
 * Makes the result of all boots: instructions from those that counted them, and beside them the
 * time from those that measured it.
 * @throws Error if the boots can't be compared
 */
export function joinPasses(passes: readonly Pass[]): CopyRow[] {
	requireAgreement(
		figuresOf(passes, 'base', 'instructions'),
		figuresOf(passes, 'release', 'instructions'),
	);
	const times = new Map(
		namedFigures(passes, 'time').map((figure) => [figureName(figure), figure.nanoseconds]),
	);
	return namedFigures(passes, 'instructions')
		.map((figure) => ({
			subject: figure.subject,
			bytes: figure.bytes,
			memory: figure.memory,
			instructions: figure.nanoseconds,
			nanoseconds: times.get(figureName(figure)) ?? null,
		}))
		.sort(compareRows);
}
