// SPDX-License-Identifier: GPL-2.0-only
import Table from 'cli-table3';
import { formatBytes, formatRatio } from '../copy/format.js';
import type { MpiBenchResult } from './bench-mpi.js';
import { mechanisms, mechanismWords, type Mechanism } from './mechanisms.js';
import { patterns, type MpiRow } from './rows.js';

type Measure = 'microseconds' | 'megabytesPerSecond';

const patternWords: Readonly<Record<MpiRow['pattern'], string>> = {
	ping_pong: 'ping-pong',
	hpcc_ping_pong: 'ping-pong, average',
	hpcc_natural_ring: 'natural ring',
	hpcc_random_ring: 'random ring',
};

/** Three digits that mean something, in groups. */
function formatFigure(value: number): string {
	const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
	return value.toLocaleString('en-US', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
	});
}

/** The rows that differ in nothing but the mechanism. */
interface Comparison {
	pattern: MpiRow['pattern'];
	ranks: number;
	bytes: number;
	of: Readonly<Partial<Record<Mechanism, MpiRow>>>;
}

function comparisonsOf(rows: readonly MpiRow[]): Comparison[] {
	const places = new Map(
		rows.map(({ pattern, ranks, bytes }) => [
			`${pattern} ${ranks} ${bytes}`,
			{ pattern, ranks, bytes },
		]),
	);
	return [...places.values()].map((place) => {
		const here = rows.filter(
			(row) =>
				row.pattern === place.pattern && row.ranks === place.ranks && row.bytes === place.bytes,
		);
		return { ...place, of: Object.fromEntries(here.map((row) => [row.mechanism, row])) };
	});
}

function cell({ of }: Comparison, mechanism: Mechanism, measure: Measure): string {
	const value = of[mechanism]?.[measure] ?? undefined;
	return value === undefined ? '' : formatFigure(value);
}

/** How much faster the new calls are: above 1 is better, whatever was measured. */
function gain({ of }: Comparison, over: Mechanism): string {
	const [mine, other] = [of.copy_process, of[over]];
	if (mine === undefined || other === undefined) {
		return '';
	}
	return mine.microseconds === null || other.microseconds === null
		? formatRatio(
				(mine.megabytesPerSecond ?? Number.NaN) / (other.megabytesPerSecond ?? Number.NaN),
			)
		: formatRatio(other.microseconds / mine.microseconds);
}

function makeTable(comparisons: readonly Comparison[], measures: readonly Measure[]): string {
	const units = { microseconds: 'µs', megabytesPerSecond: 'MB/s' };
	const columns = measures.flatMap((measure) =>
		mechanisms.map((mechanism) => ({ measure, mechanism })),
	);
	const gains: readonly Mechanism[] = ['process_vm', 'shared_memory'];
	const table = new Table({
		head: [
			...['messages', 'ranks', 'bytes'],
			...columns.map(({ measure, mechanism }) => `${mechanismWords[mechanism]}\n${units[measure]}`),
			...gains.map((mechanism) => `gain over\n${mechanismWords[mechanism]}`),
		],
		colAligns: ['left', ...Array.from({ length: columns.length + 4 }, () => 'right' as const)],
		style: { head: [], border: [], compact: true },
	});
	for (const comparison of comparisons) {
		table.push([
			patternWords[comparison.pattern],
			comparison.ranks,
			formatBytes(comparison.bytes),
			...columns.map(({ measure, mechanism }) => cell(comparison, mechanism, measure)),
			...gains.map((mechanism) => gain(comparison, mechanism)),
		]);
	}
	return table.toString();
}

function clockWords(accelerator: MpiBenchResult['accelerator']): string {
	return accelerator === 'tcg'
		? 'wall-clock time in a guest of 2 processors that QEMU emulates (TCG), good for comparing columns only'
		: 'wall-clock time in a guest of 2 processors under KVM';
}

function runsOf(rows: readonly MpiRow[]): number {
	return Math.max(...rows.map(({ runs }) => runs));
}

/** All that was measured, as text for a terminal. */
export function mpiTables({ rows, use, accelerator }: MpiBenchResult): string {
	const own = rows.filter(({ pattern }) => pattern === 'ping_pong');
	const hpcc = rows.filter(({ pattern }) => pattern !== 'ping_pong');
	return [
		`Messages of Open MPI between ranks 0 and 1 (and, with 4 ranks, 2 and 3 at the same time).\nµs: half a round trip. MB/s: 10^6 bytes in a second. Median of ${runsOf(own)} runs that took turns;\n${clockWords(accelerator)}.\nBaseline of a gain: the mechanism named; above 1 the new calls are faster.`,
		makeTable(comparisonsOf(own), ['microseconds', 'megabytesPerSecond']),
		...(hpcc.length === 0
			? []
			: [
					`HPCC's figures: latency of 8 B, bandwidth of 2,000,000 B. Median of ${runsOf(hpcc)} runs.`,
					makeTable(comparisonsOf(hpcc), ['microseconds', 'megabytesPerSecond']),
				]),
		use,
	].join('\n\n');
}

/** The large message between two ranks, in a line; what `npm start` shows. */
export function largeMessageLine({ rows, accelerator }: MpiBenchResult): string {
	const large = rows.filter(({ pattern, ranks }) => pattern === patterns[0] && ranks === 2);
	const bytes = Math.max(...large.map((row) => row.bytes));
	const figures = large
		.filter((row) => row.bytes === bytes)
		.map(
			({ mechanism, microseconds, megabytesPerSecond }) =>
				`${mechanismWords[mechanism]} ${formatFigure(microseconds ?? Number.NaN)} µs (${formatFigure(megabytesPerSecond ?? Number.NaN)} MB/s)`,
		);
	return `Open MPI, ${formatBytes(bytes)} between 2 ranks, half a round trip (median of ${runsOf(large)}; ${clockWords(accelerator)}): ${figures.join(', ')}`;
}
