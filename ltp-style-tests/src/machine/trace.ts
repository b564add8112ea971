// SPDX-License-Identifier: GPL-2.0-only
// What the kernel does within a system call of one process: Documentation/trace/events.rst.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const instances = '/sys/kernel/tracing/instances';
let started = 0;

/** An event of the kernel's, such as `mmap_lock_start_locking`. */
export interface TracedEvent {
	name: string;
	/** Its line, for messages. */
	line: string;
}

/** A system call from its entry to its exit. */
export interface TracedCall {
	number: number;
	/** What happened within it, but for interrupts. */
	events: TracedEvent[];
}

/** A trace that goes on until the test has ended. */
export interface Trace {
	/** The calls that have returned since it began, or since the last time they were asked for. */
	takeCalls: () => TracedCall[];
}

/** What a test's context offers for cleaning up at once. */
interface Cleanup {
	teardown(cleanUp: () => void): void;
}

/**
 * Traces a process's first thread: its system calls, and some events within them.
 * @param events such as `kmem/kmalloc`
 * @throws Node's own errors where the kernel lacks one
 */
export function startTrace(t: Cleanup, pid: number, events: readonly string[]): Trace {
	started += 1;
	const directory = path.join(instances, `test-${process.pid}-${started}`);
	const put = (name: string, text: string) => {
		writeFileSync(path.join(directory, name), text);
	};
	mkdirSync(directory);
	t.teardown(() => {
		rmdirSync(directory);
	});
	put('set_event_pid', String(pid));
	for (const event of ['raw_syscalls/sys_enter', 'raw_syscalls/sys_exit', ...events]) {
		put(`events/${event}/enable`, '1');
	}
	return {
		takeCalls: () => {
			const text = readFileSync(path.join(directory, 'trace'), 'ascii');
			put('trace', '');
			return parseTrace(text, pid);
		},
	};
}

/** Task and id, processor, flags, time, event and what it says. */
const lineShape = /^\s*.+-(\d+)\s+\[\d+\]\s+(\S+)\s+[\d.]+: (\w+): (.*)$/;

/** The calls of one thread in the text of a trace; exported for its test. */
export function parseTrace(text: string, pid: number): TracedCall[] {
	const calls: TracedCall[] = [];
	let call: TracedCall | undefined;
	for (const line of text.split('\n')) {
		const [, id, flags = '', name = '', words = ''] = lineShape.exec(line) ?? [];
		if (Number(id) !== pid) {
			continue;
		}
		const number = Number(/^NR (\d+) /.exec(words)?.[1]);
		if (name === 'sys_enter') {
			call = { number, events: [] };
		} else if (name === 'sys_exit') {
			if (call?.number === number) {
				calls.push(call);
			}
			call = undefined;
		} else if (!isInterrupt(flags)) {
			call?.events.push({ name, line });
		}
	}
	return calls;
}

/** What interrupts do is not the doing of the process that they interrupt. */
function isInterrupt(flags: string): boolean {
	return 'hHszZ'.includes(flags.charAt(2));
}
