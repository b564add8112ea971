// SPDX-License-Identifier: GPL-2.0-only
import { mechanisms, type Mechanism } from './mechanisms.js';

const KiB = 1024;
const MiB = 1024 * KiB;

/** One run of `mpirun`. */
export interface MpiRun {
	program: 'ping-pong' | 'hpcc';
	mechanism: Mechanism;
	ranks: number;
	/** From 1 on. */
	run: number;
	/**
	 * `copied`: by the preloaded library, which counts what it copied. `probed`: the same library
	 * without the new calls, to count what the old ones are given; not a measurement.
	 */
	preload?: 'copied' | 'probed';
	/** Bytes in a message of ping-pong; none of HPCC's business, which has its own. */
	sizes: readonly number[];
	/** How often ping-pong measures each size. */
	rounds: number;
}

/** From 8 B to 4 MiB: by fours, and the powers of two near where the mechanisms part. */
const allSizes = [
	8,
	64,
	512,
	4 * KiB,
	8 * KiB,
	16 * KiB,
	32 * KiB,
	64 * KiB,
	256 * KiB,
	1 * MiB,
	2 * MiB,
	4 * MiB,
];

const runsOfPingPong = 9;
const runsOfHpcc = 3;

/** Messages from this size on are copied in one piece, whatever Open MPI's limits are. */
export const largeMessage = 64 * KiB;

/** The mechanisms, beginning with another one in each run. */
function rotated(run: number): Mechanism[] {
	const first = run % mechanisms.length;
	return [...mechanisms.slice(first), ...mechanisms.slice(0, first)];
}

function interleave(runs: number, one: Pick<MpiRun, 'program' | 'sizes'>): MpiRun[] {
	return Array.from({ length: runs }, (_, index) => index + 1).flatMap((run) =>
		[2, 4].flatMap((ranks) =>
			rotated(run).map((mechanism) => ({
				...one,
				...preloadOf(mechanism),
				mechanism,
				ranks,
				run,
				rounds: 1,
			})),
		),
	);
}

function preloadOf(mechanism: Mechanism): Pick<MpiRun, 'preload'> {
	return mechanism === 'copy_process' ? { preload: 'copied' } : {};
}

/** That Open MPI really uses process_vm_* where it was told to: it would fall back in silence. */
const probe: MpiRun = {
	program: 'ping-pong',
	mechanism: 'process_vm',
	ranks: 2,
	run: 0,
	preload: 'probed',
	sizes: [largeMessage],
	rounds: 1,
};

/** Everything that `npm run bench -- mpi` runs: the mechanisms take turns. */
export function fullPlan(): MpiRun[] {
	return [
		probe,
		...interleave(runsOfPingPong, { program: 'ping-pong', sizes: allSizes }),
		...interleave(runsOfHpcc, { program: 'hpcc', sizes: [] }),
	];
}

/** What `npm start` shows: a large message between two ranks, each mechanism once. */
export function quickPlan(): MpiRun[] {
	return mechanisms.map((mechanism) => ({
		program: 'ping-pong',
		...preloadOf(mechanism),
		mechanism,
		ranks: 2,
		run: 1,
		sizes: [2 * MiB],
		rounds: runsOfPingPong,
	}));
}
