// SPDX-License-Identifier: GPL-2.0-only
import { findRow, type DbusRow } from './rows.js';
import type { Client, Subject, Workload } from './subjects.js';

/** What a message on AF_DBUS may cost, where the kernel delivers directly. */
export interface Limit {
	client: Client;
	workloads: readonly Workload[];
	/** Of the bodies that it is for, both included. */
	bytes: readonly [least: number, most: number];
	/** What it is held against: the same on another subject, or another workload on AF_DBUS. */
	baseline: { subject: Subject } | { workload: Workload };
	/** A multiple of the baseline, or so many instructions more than it. */
	kind: 'ratio' | 'difference';
	atMost: number;
}

/** What came of a limit for one message. */
export interface Judgement {
	client: Client;
	workload: Workload;
	bytes: number;
	/** Name of the subject or workload. */
	baseline: Subject | Workload;
	kind: Limit['kind'];
	value: number;
	atMost: number;
	kept: boolean;
}

const KiB = 1024;
const MiB = 1024 * KiB;
const everyCall = ['call', 'call-as', 'call-asv'] as const;

/**
 * All limits. Those against the daemons are for bodies of bytes: other bodies cost the ends
 * themselves far more than any way between them.
 */
export const limits: readonly Limit[] = [
	{
		client: 'sd-bus',
		workloads: everyCall,
		bytes: [0, 64 * KiB],
		baseline: { subject: 'socketpair-addressed' },
		kind: 'ratio',
		atMost: 1.15,
	},
	{
		client: 'sd-bus',
		workloads: ['call'],
		bytes: [MiB, MiB],
		baseline: { subject: 'socketpair-addressed' },
		kind: 'ratio',
		atMost: 1.15,
	},
	{
		client: 'sd-bus',
		workloads: ['call'],
		bytes: [0, 64 * KiB],
		baseline: { subject: 'dbus-broker' },
		kind: 'ratio',
		atMost: 0.6,
	},
	{
		client: 'sd-bus',
		workloads: ['call'],
		bytes: [0, 64 * KiB],
		baseline: { subject: 'dbus-daemon' },
		kind: 'ratio',
		atMost: 0.36,
	},
	{
		client: 'sd-bus',
		workloads: ['stopped-reader'],
		bytes: [64, 64],
		baseline: { workload: 'no-reader' },
		kind: 'ratio',
		atMost: 1.02,
	},
	{
		client: 'sd-bus',
		workloads: ['crowded'],
		bytes: [64, 64],
		baseline: { workload: 'uncrowded' },
		kind: 'ratio',
		atMost: 1.02,
	},
	{
		client: 'raw',
		workloads: ['message-signal', 'message-call'],
		bytes: [64, 64],
		baseline: { subject: 'socketpair' },
		kind: 'difference',
		atMost: 3500,
	},
];

function judgeRow(limit: Limit, row: DbusRow, rows: readonly DbusRow[]): Judgement | undefined {
	const { client, kind, atMost } = limit;
	const { workload, bytes } = row;
	const against = { subject: row.subject, workload, ...limit.baseline };
	const found = findRow(rows, against.subject, client, against.workload, bytes);
	if (found === undefined) {
		return undefined;
	}
	const value =
		kind === 'ratio'
			? row.instructions / found.instructions
			: row.instructions - found.instructions;
	const baseline = 'subject' in limit.baseline ? against.subject : against.workload;
	return { client, workload, bytes, baseline, kind, value, atMost, kept: value <= atMost };
}

/**
 * Holds every row of AF_DBUS against the limits that are for it and whose baseline was measured.
 * Only for a kernel that delivers directly.
 */
export function judge(rows: readonly DbusRow[], given: readonly Limit[] = limits): Judgement[] {
	return given.flatMap((limit) =>
		rows
			.filter(
				({ subject, client, workload, bytes }) =>
					subject === 'AF_DBUS' &&
					client === limit.client &&
					limit.workloads.includes(workload) &&
					bytes >= limit.bytes[0] &&
					bytes <= limit.bytes[1],
			)
			.flatMap((row) => judgeRow(limit, row, rows) ?? []),
	);
}
