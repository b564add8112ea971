// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const instance = '/sys/kernel/tracing/instances/dbus-tests';

/** What the kernel saw happen. */
export interface Seen {
	/** How often a bus daemon was started. */
	daemons: number;
	/** How many connections were accepted that the kernel follows. */
	accepted: number;
}

function write(name: string, text: string): void {
	writeFileSync(path.join(instance, name), text);
}

/** Begins to watch for daemons and accepted connections, whatever the programs themselves say. */
export function startWatching(): void {
	mkdirSync(instance, { recursive: true });
	write('events/sched/sched_process_exec/filter', 'filename ~ "*/dbus-daemon"');
	write('events/sched/sched_process_exec/enable', '1');
	write('events/dbus/dbus_accept/enable', '1');
}

/** Returns what was seen since it was called last. */
export function takeSeen(): Seen {
	const lines = readFileSync(path.join(instance, 'trace'), 'utf8').split('\n');
	write('trace', '');
	const count = (event: string) => lines.filter((line) => line.includes(` ${event}: `)).length;
	return { daemons: count('sched_process_exec'), accepted: count('dbus_accept') };
}
