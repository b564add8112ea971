// SPDX-License-Identifier: GPL-2.0-only
import { mechanisms, type Mechanism } from './mechanisms.js';
import type { MpiRunOutput } from './output.js';
import type { MpiRun } from './plan.js';

/** Who sends to whom. */
export const patterns = [
	'ping_pong',
	'hpcc_ping_pong',
	'hpcc_natural_ring',
	'hpcc_random_ring',
] as const;

/** What one message costs; an element of the array that `--json` writes. */
export interface MpiRow {
	/** Those of `hpcc_` are HPCC's figures. */
	pattern: (typeof patterns)[number];
	ranks: number;
	bytes: number;
	mechanism: Mechanism;
	/** Median of so many runs. */
	runs: number;
	/** Until a message has arrived, half a round trip; null for HPCC's large messages. */
	microseconds: number | null;
	/** 10^6 bytes in a second, of each pair or each rank; null for HPCC's small messages. */
	megabytesPerSecond: number | null;
}

/** HPCC's names of its figures. */
const hpccNames = {
	hpcc_ping_pong: { latency: 'AvgPingPongLatency_usec', bandwidth: 'AvgPingPongBandwidth_GBytes' },
	hpcc_natural_ring: {
		latency: 'NaturallyOrderedRingLatency_usec',
		bandwidth: 'NaturallyOrderedRingBandwidth_GBytes',
	},
	hpcc_random_ring: {
		latency: 'RandomlyOrderedRingLatency_usec',
		bandwidth: 'RandomlyOrderedRingBandwidth_GBytes',
	},
} as const;

const hpccPatterns = ['hpcc_ping_pong', 'hpcc_natural_ring', 'hpcc_random_ring'] as const;

/** The sizes that HPCC measures with. */
const hpccSmall = 8;
const hpccLarge = 2_000_000;

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((one, other) => one - other);
	const middle = sorted.length / 2;
	const around = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
	return around.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / around.length;
}

/** What tells the runs of one row from those of others. */
type Place = Pick<MpiRow, 'ranks' | 'mechanism'>;

function pingPongRows(outputs: readonly MpiRunOutput[], place: Place): MpiRow[] {
	const messages = outputs.flatMap((output) => output.messages);
	const sizes = new Set(messages.map(({ bytes }) => bytes));
	return [...sizes].map((bytes) => {
		const times = messages
			.filter((one) => one.bytes === bytes)
			.map(({ microseconds }) => microseconds);
		const microseconds = median(times);
		return {
			...{ pattern: 'ping_pong', ...place, runs: times.length, bytes, microseconds },
			megabytesPerSecond: bytes / microseconds,
		};
	});
}

function hpccFigure(outputs: readonly MpiRunOutput[], name: string): number {
	return median(
		outputs.map(({ hpcc }) => {
			const value = hpcc.get(name);
			if (value === undefined || value <= 0 || hpcc.get('Success') !== 1) {
				throw new Error(`HPCC: ${name} is ${value}, Success is ${hpcc.get('Success')}`);
			}
			return value;
		}),
	);
}

function hpccRows(outputs: readonly MpiRunOutput[], place: Place): MpiRow[] {
	const runs = outputs.length;
	return hpccPatterns.flatMap((pattern) => [
		{
			...{ pattern, ...place, runs, bytes: hpccSmall },
			microseconds: hpccFigure(outputs, hpccNames[pattern].latency),
			megabytesPerSecond: null,
		},
		{
			...{ pattern, ...place, runs, bytes: hpccLarge },
			microseconds: null,
			megabytesPerSecond: hpccFigure(outputs, hpccNames[pattern].bandwidth) * 1000,
		},
	]);
}

function compareRows(one: MpiRow, other: MpiRow): number {
	return (
		patterns.indexOf(one.pattern) - patterns.indexOf(other.pattern) ||
		one.ranks - other.ranks ||
		one.bytes - other.bytes ||
		mechanisms.indexOf(one.mechanism) - mechanisms.indexOf(other.mechanism)
	);
}

/** That the guest ran all of the plan and nothing else, in its order. */
function requireComplete(plan: readonly MpiRun[], outputs: readonly MpiRunOutput[]): void {
	const nameOf = ({ program, mechanism, ranks, run }: MpiRun | MpiRunOutput) =>
		`${program}, ${mechanism}, ${ranks} ranks, run ${run}`;
	for (const [index, run] of plan.entries()) {
		const output = outputs[index];
		const name = output === undefined ? 'nothing' : nameOf(output);
		if (output === undefined || name !== nameOf(run)) {
			throw new Error(`expected the output of ${nameOf(run)}, got ${name}`);
		}
		if (output.messages.length !== run.sizes.length * run.rounds) {
			throw new Error(
				`${name}: ${output.messages.length} figures, expected ${run.sizes.length * run.rounds}`,
			);
		}
	}
}

/**
 * Makes the result of all runs: medians.
 * @throws Error if a run or a figure is missing
 */
export function makeRows(plan: readonly MpiRun[], outputs: readonly MpiRunOutput[]): MpiRow[] {
	requireComplete(plan, outputs);
	const measured = outputs.filter(({ preload }) => preload !== 'probed');
	const ranks = new Set(measured.map((output) => output.ranks));
	return [...ranks]
		.flatMap((count) => mechanisms.map((mechanism) => ({ ranks: count, mechanism })))
		.flatMap((place) => {
			const here = measured.filter(
				(output) => output.ranks === place.ranks && output.mechanism === place.mechanism,
			);
			const hpcc = here.filter(({ program }) => program === 'hpcc');
			return [...pingPongRows(here, place), ...(hpcc.length > 0 ? hpccRows(hpcc, place) : [])];
		})
		.sort(compareRows);
}
