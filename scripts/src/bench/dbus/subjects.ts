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

/** What is sent; `uncrowded` is measured with `crowded`, and can't be asked for. */
export const workloads = [
	'call',
	'call-as',
	'call-asv',
	'signal',
	'pipelined',
	'call-8-clients',
	'call-64-clients',
	'uncrowded',
	'crowded',
	'message-signal',
	'message-call',
] as const;

/** What is sent. */
export type Workload = (typeof workloads)[number];

/** How many messages of a workload are sent before one is waited for, by all senders together. */
export function inFlight(workload: Workload): number {
	const atOnce: Partial<Record<Workload, number>> = {
		signal: 16,
		pipelined: 64,
		'call-8-clients': 8,
		'call-64-clients': 64,
	};
	return atOnce[workload] ?? 1;
}

/** Whether messages of a workload are answered, and the answer is a part of the figure. */
export function isAnswered(workload: Workload): boolean {
	return workload !== 'signal' && workload !== 'message-signal';
}
