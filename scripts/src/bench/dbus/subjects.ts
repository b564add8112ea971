// SPDX-License-Identifier: GPL-2.0-only

/** What is between the two ends, in the order of the tables; bus-bench has the same names. */
export const subjects = [
	'socketpair',
	'socketpair-addressed',
	'AF_DBUS',
	'dbus-broker',
	'dbus-daemon',
] as const;

/** What is between the two ends. */
export type Subject = (typeof subjects)[number];

/** Both ends' library; `raw` for system calls without one, both of whose ends are one process. */
export const clients = ['sd-bus', 'libdbus', 'raw'] as const;

/** Both ends' library. */
export type Client = (typeof clients)[number];

/** What is sent. */
export const workloads = [
	'call',
	'call-as',
	'call-asv',
	'signal',
	'pipelined',
	'call-8-clients',
	'call-64-clients',
	'no-reader',
	'stopped-reader',
	'uncrowded',
	'crowded',
	'message-signal',
	'message-call',
] as const;

/** What is sent. */
export type Workload = (typeof workloads)[number];

/**
 * Workloads that are calls with others on the bus, and what the same calls are called before those
 * come. These are measured with them, and can't be asked for.
 */
export const besideOthers = [
	['stopped-reader', 'no-reader'],
	['crowded', 'uncrowded'],
] as const satisfies readonly (readonly [Workload, Workload])[];

/** What is measured before the others come, where a workload has others. */
export function workloadBefore(workload: Workload): Workload | undefined {
	return besideOthers.find(([beside]) => beside === workload)?.[1];
}

/** The workload that has to be asked for to have one measured. */
export function askedAs(workload: Workload): Workload {
	return besideOthers.find(([, before]) => before === workload)?.[0] ?? workload;
}

/** How many processes send the messages of a workload. */
export function senders(workload: Workload): number {
	return workload === 'call-8-clients' ? 8 : workload === 'call-64-clients' ? 64 : 1;
}

/** How many messages of a workload a sender sends before it waits. */
function atOnce(workload: Workload): number {
	return workload === 'signal' ? 16 : workload === 'pipelined' ? 64 : 1;
}

/** How many messages of a workload may be under way at once. */
export function inFlight(workload: Workload): number {
	return senders(workload) * atOnce(workload);
}

/** Whether messages of a workload are answered, and the answer is a part of the figure. */
export function isAnswered(workload: Workload): boolean {
	return workload !== 'signal' && workload !== 'message-signal';
}
