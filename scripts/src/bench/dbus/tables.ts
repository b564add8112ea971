// SPDX-License-Identifier: GPL-2.0-only
import Table from 'cli-table3';
import { formatBytes, formatCount, formatRatio } from '../copy/format.js';
import type { DbusBenchResult } from './bench-dbus.js';
import type { Judgement } from './limits.js';
import { findRow, type DbusRow } from './rows.js';
import {
	besideOthers,
	subjects,
	workloads,
	type Client,
	type Subject,
	type Workload,
} from './subjects.js';

/** Which of a row's figures a table shows. */
type Measure = 'instructions' | 'nanoseconds';

/** What AF_DBUS is held against, in columns of their own. */
const baselines = ['socketpair-addressed', 'dbus-broker', 'dbus-daemon'] as const;

const libraries = ['sd-bus', 'libdbus'] as const;

/** What one of them is about. */
interface Line {
	client: Client;
	workload: Workload;
	bytes: number;
}

function limitText(judgement: Judgement | undefined): string {
	return judgement === undefined
		? ''
		: ` ≤ ${judgement.kind === 'ratio' ? judgement.atMost.toFixed(2) : formatCount(judgement.atMost)} ${judgement.kept ? '✓' : '✗'}`;
}

function findJudgement(
	judgements: readonly Judgement[],
	{ client, workload, bytes }: Line,
	baseline: string,
): Judgement | undefined {
	return judgements.find(
		(one) =>
			one.client === client &&
			one.workload === workload &&
			one.bytes === bytes &&
			one.baseline === baseline,
	);
}

function valueOf(
	rows: readonly DbusRow[],
	subject: Subject,
	{ client, workload, bytes }: Line,
	measure: Measure,
): number | undefined {
	return findRow(rows, subject, client, workload, bytes)?.[measure] ?? undefined;
}

/** What AF_DBUS is of that subject, beside the limit; limits are for counts. */
function ratioText(
	{ rows, judgements }: DbusBenchResult,
	baseline: Subject,
	line: Line,
	measure: Measure,
): string {
	const value = valueOf(rows, 'AF_DBUS', line, measure);
	const divisor = valueOf(rows, baseline, line, measure);
	if (value === undefined || divisor === undefined) {
		return '';
	}
	const judgement =
		measure === 'instructions' ? findJudgement(judgements, line, baseline) : undefined;
	return `${formatRatio(value / divisor, judgement?.atMost)}${limitText(judgement)}`;
}

/** All that a client was measured with, in the order of the workloads. */
function linesOf(rows: readonly DbusRow[], client: Client): Line[] {
	return workloads.flatMap((workload) => {
		const bytes = rows
			.filter((row) => row.client === client && row.workload === workload)
			.map((row) => row.bytes);
		return [...new Set(bytes)]
			.sort((one, other) => one - other)
			.map((size) => ({ client, workload, bytes: size }));
	});
}

function clientTable(result: DbusBenchResult, client: Client, measure: Measure): string {
	const table = new Table({
		head: [
			'message',
			'bytes',
			...subjects.map((subject) => subject.replace('-addressed', '-\naddressed')),
			...baselines.map((baseline) => `÷ ${baseline.replace('socketpair-', '')}`),
		],
		colAligns: [
			'left',
			...Array.from({ length: 1 + subjects.length + baselines.length }, () => 'right' as const),
		],
		style: { head: [], border: [], compact: true },
	});
	for (const line of linesOf(result.rows, client)) {
		table.push([
			line.workload,
			formatBytes(line.bytes),
			...subjects.map((subject) => {
				const value = valueOf(result.rows, subject, line, measure);
				return value === undefined ? '' : formatCount(value);
			}),
			...baselines.map((baseline) => ratioText(result, baseline, line, measure)),
		]);
	}
	return table.toString();
}

/** The kernel's own share of a message, a line each. */
function ownShareLines({ rows, judgements }: DbusBenchResult): string[] {
	return linesOf(rows, 'raw').flatMap((line) => {
		const [direct, plain] = (['AF_DBUS', 'socketpair'] as const).map((subject) =>
			valueOf(rows, subject, line, 'instructions'),
		);
		if (direct === undefined || plain === undefined) {
			return [];
		}
		const limit = limitText(findJudgement(judgements, line, 'socketpair'));
		const counts = `${formatCount(direct)} on AF_DBUS, ${formatCount(plain)} on a socketpair`;
		return `${line.workload}, ${formatBytes(line.bytes)}: ${counts}, ${formatCount(direct - plain)} more${limit}`;
	});
}

/** Who the others on the bus are. */
const othersHeadings = {
	'stopped-reader': 'Another client that has stopped reading:',
	crowded: 'Ten thousand others on the bus:',
} as const;

/** Counted in chains.h of bus-bench; those of the kernel's own are shown as they are. */
const chainCounters = ['flow_lookups', 'flows_compared', 'longest_chain'] as const;

/** How many entries of the table of flows it takes to find one, where that could be counted. */
function chainLines(counters: Readonly<Record<string, number>>): string[] {
	const [lookups, compared, longest] = chainCounters.map((name) => counters[name]);
	return lookups === undefined || compared === undefined || longest === undefined
		? []
		: [
				`hash chains: ${(compared / lookups).toFixed(2)} flows compared to find one, at most ${longest} (${formatCount(lookups)} lookups)`,
			];
}

/** What became of a call when others were on the bus, and what the kernel counted then. */
function othersText(
	{ rows, judgements, others }: DbusBenchResult,
	[workload, before]: (typeof besideOthers)[number],
): string[] {
	const blocks = linesOf(rows, 'sd-bus')
		.filter((line) => line.workload === workload)
		.flatMap((line) => {
			const [beside, alone] = [workload, before].map((one) =>
				valueOf(rows, 'AF_DBUS', { ...line, workload: one }, 'instructions'),
			);
			if (beside === undefined || alone === undefined) {
				return [];
			}
			const judgement = findJudgement(judgements, line, before);
			const ratio = formatRatio(beside / alone, judgement?.atMost);
			const counters = others[workload] ?? {};
			const words = Object.entries(counters)
				.filter(([name]) => !chainCounters.some((one) => one === name))
				.map(([name, value]) => `${name} ${value}`);
			return [
				`${workload} ÷ ${before}: ${ratio}${limitText(judgement)}`,
				...(words.length > 0 ? [`counted by the kernel then: ${words.join(', ')}`] : []),
				...chainLines(counters),
			];
		});
	return blocks.length > 0 ? [[othersHeadings[workload], ...blocks].join('\n')] : [];
}

const units: Readonly<Record<Measure, string>> = {
	instructions: 'Instructions for one message: kernel, daemon and both ends (qemu -icount).',
	nanoseconds: 'Nanoseconds for one message, by the clock of a guest under KVM.',
};

const explanation = [
	'A call counts with its reply, which is empty; each end has one connection. socketpair: no bus.',
	'socketpair-addressed: bus mode, and DESTINATION and SENDER in each message, as on a bus: the floor.',
	'AF_DBUS: dbus-daemon, with the sockets converted. call: a body of bytes; call-as, call-asv: of',
	'strings, of a dictionary; signal: to one receiver; pipelined: 64 calls wait for replies at once.',
].join('\n');

function directWords(direct: boolean): string {
	return direct
		? 'On AF_DBUS the kernel delivered, as its counters show; flows ended and were learned again.'
		: "On AF_DBUS everything went through dbus-daemon: this kernel doesn't deliver directly.";
}

function tablesOf(result: DbusBenchResult, measure: Measure): string[] {
	return libraries
		.filter((client) => linesOf(result.rows, client).length > 0)
		.flatMap((client) => [
			`${units[measure]} Both ends: ${client}.`,
			clientTable(result, client, measure),
		]);
}

/** All that was measured, as text for a terminal. */
export function dbusTables(result: DbusBenchResult): string {
	const share = ownShareLines(result);
	const timed = result.rows.some(({ nanoseconds }) => nanoseconds !== null);
	return [
		explanation,
		directWords(result.direct),
		...tablesOf(result, 'instructions'),
		...(share.length > 0
			? [['Instructions of one send() and one recv() in one process:', ...share].join('\n')]
			: []),
		...besideOthers.flatMap((pair) => othersText(result, pair)),
		...(timed
			? tablesOf(result, 'nanoseconds')
			: ['Nanoseconds: not measured, for KVM runs no guest on this machine.']),
	].join('\n\n');
}

function describeMissed({ client, workload, bytes, baseline, kind, value, atMost }: Judgement) {
	const what = `✗ AF_DBUS, ${client}, ${workload} of ${formatBytes(bytes)}`;
	return kind === 'ratio'
		? `${what}: ${formatRatio(value, atMost)} of ${baseline}, at most ${atMost.toFixed(2)} is allowed`
		: `${what}: ${formatCount(value)} more than on ${baseline}, at most ${formatCount(atMost)} are allowed`;
}

/** Which limits were missed, one a line, and how many there were. */
export function describeJudgements({ direct, judgements }: DbusBenchResult): string {
	if (!direct) {
		return 'no limits: they are for a kernel that delivers directly';
	}
	const missed = judgements.filter(({ kept }) => !kept);
	const total =
		missed.length === 0
			? `all ${judgements.length} limits kept`
			: `${missed.length} of ${judgements.length} limits missed`;
	return [...missed.map(describeMissed), total].join('\n');
}

/** A call of 64 bytes with sd-bus on AF_DBUS beside dbus-daemon; what `npm start` shows. */
export function callLine(result: DbusBenchResult): string {
	const line: Line = { client: 'sd-bus', workload: 'call', bytes: 64 };
	const [direct, daemon] = (['AF_DBUS', 'dbus-daemon'] as const).map((subject) =>
		formatCount(valueOf(result.rows, subject, line, 'instructions') ?? Number.NaN),
	);
	const ratio = ratioText(result, 'dbus-daemon', line, 'instructions');
	return `A method call and its reply, 64 B, with sd-bus on both ends: ${daemon} instructions through dbus-daemon, ${direct} on AF_DBUS, which is ${ratio}`;
}
