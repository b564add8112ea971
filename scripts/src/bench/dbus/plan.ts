// SPDX-License-Identifier: GPL-2.0-only
import {
	senders,
	subjects,
	workloadBefore,
	type Client,
	type Subject,
	type Workload,
} from './subjects.js';

/** What bus-bench measures at a time. */
export interface Measurement {
	subject: Subject;
	client: Client;
	workload: Workload;
	/** Of the message's body. */
	bytes: number;
	/** Messages of each sender that go before. */
	warmUp: number;
	/** Messages of each sender that are measured at least. */
	least: number;
	/** For how many milliseconds a flow lives, where the kernel delivers directly. */
	lifetimeMs: number;
	/** How many of such lives are measured there at least, each of which begins with learning. */
	lifetimes: number;
}

/** What of the plan is wanted; all where a list is missing. */
export interface Selection {
	subjects?: readonly Subject[] | undefined;
	clients?: readonly Client[] | undefined;
	workloads?: readonly Workload[] | undefined;
	bytes?: readonly number[] | undefined;
}

const MiB = 2 ** 20;

/** How many bytes a body has. */
export const sizes = [0, 64, 1024, 8192, 65_536, MiB] as const;

const buses = ['AF_DBUS', 'dbus-broker', 'dbus-daemon'] as const;
const libraries = ['sd-bus', 'libdbus'] as const;

/** A workload with all that it is measured with. */
interface Part {
	workload: Workload;
	subjects: readonly Subject[];
	clients: readonly Client[];
	bytes: readonly number[];
}

const parts: readonly Part[] = [
	...(['call', 'call-as', 'call-asv', 'signal'] as const).map((workload) => ({
		workload,
		subjects,
		clients: libraries,
		bytes: sizes,
	})),
	{ workload: 'pipelined', subjects, clients: libraries, bytes: [64, 8192] },
	{ workload: 'call-8-clients', subjects: buses, clients: libraries, bytes: [64] },
	{ workload: 'call-64-clients', subjects: buses, clients: libraries, bytes: [64] },
	...(['message-signal', 'message-call'] as const).map((workload) => ({
		workload,
		subjects: ['socketpair', 'AF_DBUS'] as const,
		clients: ['raw'] as const,
		bytes: [64],
	})),
	{ workload: 'stopped-reader', subjects: ['AF_DBUS'], clients: ['sd-bus'], bytes: [64] },
	{ workload: 'crowded', subjects: ['AF_DBUS'], clients: ['sd-bus'], bytes: [64] },
];

/** About what a message costs, in instructions; the elements of arrays are what takes long. */
function roughCost(workload: Workload, bytes: number): number {
	const perByte = workload === 'call-as' ? 60 : workload === 'call-asv' ? 150 : 4;
	return 150_000 + perByte * bytes;
}

/** About so many instructions go into a measurement that needn't wait for flows to end. */
const instructions = 30_000_000;
const mostMessages = 200;
const manyMessages = 2000;

/**
 * Whether what a figure is held against is so near that many have to be measured. Now and then the
 * scheduler has a caller wait otherwise, and some dozens of calls in a row cost a tenth less.
 */
function needsMany(client: Client, workload: Workload): boolean {
	return client === 'raw' || workloadBefore(workload) !== undefined;
}

/** What is dearer takes longer to measure. */
const dear = 1_000_000;

/**
 * How long flows live, and how many lives are measured. The shorter they are, the more of a figure
 * is learning; see README for what that comes to.
 */
function lifetimesOf(
	client: Client,
	workload: Workload,
	bytes: number,
): Pick<Measurement, 'lifetimeMs' | 'lifetimes'> {
	if (client === 'raw' || workloadBefore(workload) !== undefined) {
		// They outlive the measurement.
		return { lifetimeMs: 60_000, lifetimes: 0 };
	}
	if (client === 'sd-bus' && workload === 'call') {
		// As in life, by the kernel's default: there are limits for these at all sizes.
		return { lifetimeMs: 1000, lifetimes: 2 };
	}
	return roughCost(workload, bytes) > dear
		? { lifetimeMs: 500, lifetimes: 1 }
		: { lifetimeMs: 100, lifetimes: 2 };
}

function measurement(
	subject: Subject,
	client: Client,
	workload: Workload,
	bytes: number,
): Measurement {
	const affordable = Math.min(Math.ceil(instructions / roughCost(workload, bytes)), mostMessages);
	const all = needsMany(client, workload) ? manyMessages : affordable;
	// Each sender's first calls cost more, and are not all that it makes.
	const least = Math.max(Math.ceil(all / senders(workload)), Math.min(all, 8));
	return {
		...{ subject, client, workload, bytes, least },
		warmUp: Math.min(all, 16),
		...lifetimesOf(client, workload, bytes),
	};
}

function has<Value>(wanted: readonly Value[] | undefined, value: Value): boolean {
	return wanted?.includes(value) ?? true;
}

/** What is measured, a subject after the other, which saves starting daemons for nothing. */
export function planFor(selection: Selection): Measurement[] {
	return subjects
		.flatMap((subject) =>
			parts
				.filter((part) => part.subjects.includes(subject))
				.flatMap(({ workload, clients, bytes }) =>
					clients.flatMap((client) =>
						bytes.map((size) => measurement(subject, client, workload, size)),
					),
				),
		)
		.filter(
			({ subject, client, workload, bytes }) =>
				has(selection.subjects, subject) &&
				has(selection.clients, client) &&
				has(selection.workloads, workload) &&
				has(selection.bytes, bytes),
		);
}

/** A measurement as bus-bench takes it. */
export function measurementWord(measurement: Measurement): string {
	const { subject, client, workload, bytes, warmUp, least, lifetimeMs, lifetimes } = measurement;
	return [subject, client, workload, bytes, warmUp, least, lifetimeMs, lifetimes].join(',');
}
