// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const instances = '/sys/kernel/tracing/instances';
const instance = path.join(instances, 'dbus-tests');

/** Apart, as so many are delivered that they would displace the others, and only counted. */
const deliveries = path.join(instances, 'dbus-tests-deliveries');
const deliveredEvent = 'events/dbus/dbus_delivered';

/** What the kernel saw happen. */
export interface Seen {
	/** How often a bus daemon was started. */
	daemons: number;
	/** How many connections were accepted that the kernel follows. */
	accepted: number;
	/** How many messages the kernel delivered itself; undefined where it can't. */
	delivered: number | undefined;
}

function write(name: string, text: string): void {
	writeFileSync(path.join(instance, name), text);
}

/** Whether the kernel can deliver messages itself. */
function canDeliver(): boolean {
	return existsSync(path.join(deliveries, deliveredEvent));
}

/**
 * Begins to watch for daemons, accepted connections and messages that the kernel delivers, whatever
 * the programs themselves say.
 */
export function startWatching(): void {
	mkdirSync(instance, { recursive: true });
	mkdirSync(deliveries, { recursive: true });
	write('events/sched/sched_process_exec/filter', 'filename ~ "*/dbus-daemon"');
	write('events/sched/sched_process_exec/enable', '1');
	write('events/dbus/dbus_accept/enable', '1');
	if (canDeliver()) {
		writeFileSync(path.join(deliveries, deliveredEvent, 'enable'), '1');
	}
}

/**
 * How many events there were on a processor, by what the kernel says of its buffer; those too for
 * which there was no room any more.
 * @throws Error that names what isn't said
 */
export function countEvents(stats: string): number {
	return ['entries', 'overrun', 'dropped events'].reduce((sum, key) => {
		const count = new RegExp(`^${key}: (\\d+)$`, 'm').exec(stats)?.[1];
		if (count === undefined) {
			throw new Error(`the statistics of a trace have no line "${key}: ": ${stats}`);
		}
		return sum + Number(count);
	}, 0);
}

function takeDelivered(): number | undefined {
	if (!canDeliver()) {
		return undefined;
	}
	const processors = path.join(deliveries, 'per_cpu');
	const counts = readdirSync(processors).map((name) =>
		countEvents(readFileSync(path.join(processors, name, 'stats'), 'utf8')),
	);
	writeFileSync(path.join(deliveries, 'trace'), '');
	return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns what was seen since it was called last. */
export function takeSeen(): Seen {
	const lines = readFileSync(path.join(instance, 'trace'), 'utf8').split('\n');
	write('trace', '');
	const count = (event: string) => lines.filter((line) => line.includes(` ${event}: `)).length;
	return {
		daemons: count('sched_process_exec'),
		accepted: count('dbus_accept'),
		delivered: takeDelivered(),
	};
}
