// SPDX-License-Identifier: GPL-2.0-only
import Table from 'cli-table3';
import { formatBytes, formatCount, formatRatio } from './format.js';
import { findRow, judge, type Judgement } from './limits.js';
import type { CopyRow } from './rows.js';
import { memoryKinds, memoryWords, otherWays, patched, type MemoryKind } from './subjects.js';

/** Which of a row's figures a table shows. */
export type Measure = 'instructions' | 'nanoseconds';

/** A column: a subject's figures, or what they are as a multiple of another's. */
interface Column {
	heading: string;
	subject: string;
	baseline?: string;
}

const comparison: readonly Column[] = [
	{ heading: 'floor', subject: 'floor' },
	{ heading: 'process_vm_\nreadv', subject: 'process_vm_readv' },
	{ heading: 'copy_from_\nprocess', subject: 'copy_from_process' },
	{ heading: '÷ readv', subject: 'copy_from_process', baseline: 'process_vm_readv' },
	{ heading: 'process_vm_\nwritev', subject: 'process_vm_writev' },
	{ heading: 'copy_to_\nprocess', subject: 'copy_to_process' },
	{ heading: '÷ writev', subject: 'copy_to_process', baseline: 'process_vm_writev' },
];

const toTheFloor: readonly Column[] = [
	{ heading: 'from\n÷ floor', subject: 'copy_from_process', baseline: 'floor' },
	{ heading: 'to\n÷ floor', subject: 'copy_to_process', baseline: 'floor' },
];

const patchedPeers = (['process_vm_readv', 'process_vm_writev'] as const).flatMap((peer) => [
	{ heading: `${peer}\n(patched)`, subject: patched(peer) },
	{ heading: '÷ unpatched', subject: patched(peer), baseline: peer },
]);

const others: readonly Column[] = otherWays.map((subject) => ({
	// Long names are broken where they have an underscore.
	heading: subject.replace(/^(proc_mem|shared|unix)_/, '$1_\n').replace(/_open$/, '_\nopen'),
	subject,
}));

function sizesOf(rows: readonly CopyRow[], memory: MemoryKind): number[] {
	const sizes = rows
		.filter((row) => row.memory === memory && row.bytes > 0)
		.map(({ bytes }) => bytes);
	return [...new Set(sizes)].sort((one, other) => one - other);
}

function limitText(judgement: Judgement | undefined): string {
	return judgement === undefined
		? ''
		: ` ≤ ${judgement.atMost.toFixed(2)} ${judgement.kept ? '✓' : '✗'}`;
}

/** What a cell of the table says; nothing where it wasn't measured. */
function cellText(
	rows: readonly CopyRow[],
	measure: Measure,
	{ subject, baseline }: Column,
	memory: MemoryKind,
	bytes: number,
	judgements: readonly Judgement[],
): string {
	const value = findRow(rows, subject, memory, bytes)?.[measure] ?? undefined;
	if (value === undefined || baseline === undefined) {
		return value === undefined ? '' : formatCount(value);
	}
	const divisor = findRow(rows, baseline, memory, bytes)?.[measure] ?? Number.NaN;
	// Limits are for counts; times are shown beside them and not judged.
	const judgement =
		measure === 'nanoseconds'
			? undefined
			: judgements.find(
					(one) =>
						one.subject === subject &&
						one.baseline === baseline &&
						one.memory === memory &&
						one.bytes === bytes,
				);
	return `${formatRatio(value / divisor, judgement?.atMost)}${limitText(judgement)}`;
}

function makeTable(
	rows: readonly CopyRow[],
	measure: Measure,
	columns: readonly Column[],
	memories: readonly MemoryKind[],
): string {
	const table = new Table({
		head: ['memory', 'bytes', ...columns.map(({ heading }) => heading)],
		colAligns: ['left', ...Array.from({ length: columns.length + 1 }, () => 'right' as const)],
		style: { head: [], border: [], compact: true },
	});
	const judgements = judge(rows);
	for (const memory of memories) {
		for (const bytes of sizesOf(rows, memory)) {
			const cells = columns.map((column) =>
				cellText(rows, measure, column, memory, bytes, judgements),
			);
			table.push([memory, formatBytes(bytes), ...cells]);
		}
	}
	return table.toString();
}

function measuredOnce(rows: readonly CopyRow[], subject: string, measure: Measure): string {
	const value = rows.find((row) => row.subject === subject)?.[measure];
	return value === undefined || value === null ? 'not measured' : formatCount(value);
}

/** What the tables show, in words: unit, baseline, floor. */
function explain(rows: readonly CopyRow[], measure: Measure): string {
	const unit =
		measure === 'instructions'
			? "Instructions for one message, the kernel's and the programs' together (qemu -icount)."
			: 'Nanoseconds for one message, by the clock of a guest under KVM.';
	return [
		unit,
		'Baseline: process_vm_readv and process_vm_writev of the unpatched kernel.',
		"Floor: the same bytes copied once by the kernel's own loop (rep movsq), in one process.",
		`The measuring loop itself, not subtracted anywhere: ${measuredOnce(rows, 'empty_loop', measure)}.`,
	].join('\n');
}

function explainOthers(rows: readonly CopyRow[], measure: Measure): string {
	return [
		`Other ways, in the same unit (${measure}). proc_mem_*: pread and pwrite of /proc/PID/mem, kept`,
		'open or opened for each message. The last four hand each message over and wait for the next to',
		`be asked for; handing over nothing costs ${measuredOnce(rows, 'handshake', measure)}, which is in them. shared_memory is`,
		"copied in and out by the floor's loop; the pipes hold 1 MiB.",
	].join('\n');
}

function memoryHeading(memory: MemoryKind): string {
	return `Memory: ${memory} (${memoryWords[memory]})`;
}

function tablesOf(rows: readonly CopyRow[], measure: Measure): string[] {
	const memories = memoryKinds.filter((memory) => sizesOf(rows, memory).length > 0);
	return [
		explain(rows, measure),
		...memories.flatMap((memory) => [
			memoryHeading(memory),
			makeTable(rows, measure, memory === 'thp' ? [...comparison, ...toTheFloor] : comparison, [
				memory,
			]),
		]),
		`The old calls on the patched kernel (${measure}).`,
		makeTable(rows, measure, patchedPeers, memories),
		explainOthers(rows, measure),
		makeTable(rows, measure, others, memories),
	];
}

/** All that was measured, as text for a terminal. */
export function copyTables(rows: readonly CopyRow[]): string {
	const timed = rows.some(({ nanoseconds }) => nanoseconds !== null);
	return [
		...tablesOf(rows, 'instructions'),
		...(timed
			? tablesOf(rows, 'nanoseconds')
			: ['Nanoseconds: not measured, for KVM runs no guest on this machine.']),
	].join('\n\n');
}

/** The new calls beside the old ones, in one table; what `npm start` shows. */
export function shortCopyTable(rows: readonly CopyRow[]): string {
	const memories = memoryKinds.filter((memory) => sizesOf(rows, memory).length > 0);
	return [
		explain(rows, 'instructions'),
		makeTable(rows, 'instructions', comparison, memories),
	].join('\n\n');
}

/** Which limits were missed, one a line, and how many there were. */
export function describeJudgements(judgements: readonly Judgement[]): string {
	const missed = judgements.filter(({ kept }) => !kept);
	const lines = missed.map(
		({ subject, baseline, memory, bytes, ratio, atMost }) =>
			`✗ ${subject}, ${formatBytes(bytes)} of ${memory} memory: ${formatRatio(ratio, atMost)} of ${baseline}, at most ${atMost.toFixed(2)} is allowed`,
	);
	const total =
		missed.length === 0
			? `all ${judgements.length} limits kept`
			: `${missed.length} of ${judgements.length} limits missed`;
	return [...lines, total].join('\n');
}
