// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseTrace } from '../src/machine/trace.js';

/** Lines as the kernel prints them, of one thread. */
const trace = (...lines: [flags: string, words: string][]) =>
	[
		'# tracer: nop',
		'#',
		...lines.map(
			([flags, words], index) =>
				`   memory-target-123     [00${index % 2}] ${flags}    12.34567${index}: ${words}`,
		),
		'',
	].join('\n');

const lock: [string, string] = ['.....', 'mmap_lock_start_locking: mm=1 memcg_path= write=false'];
const enter = (number: number): [string, string] => ['.....', `sys_enter: NR ${number} (7b, 0)`];
const exit = (number: number): [string, string] => ['.....', `sys_exit: NR ${number} = 1`];
const summary = (text: string, pid = 123) =>
	parseTrace(text, pid).map(({ number, events }) => [number, ...events.map(({ name }) => name)]);

test('events belong to the system call that they are in', (t) => {
	const text = trace(enter(473), lock, exit(473), lock, enter(1), exit(1));
	t.deepEqual(summary(text), [[473, 'mmap_lock_start_locking'], [1]]);
	t.regex(parseTrace(text, 123)[0]?.events[0]?.line ?? '', /memory-target-123 .* write=false$/);
});

test('events of interrupts are left out', (t) => {
	const alloc = 'kmem_cache_alloc: call_site=x';
	const text = trace(enter(473), ['d.h1.', alloc], ['..s1.', alloc], ['d..1.', alloc], exit(473));
	t.deepEqual(summary(text), [[473, 'kmem_cache_alloc']]);
});

test('a call of which the beginning or the end is missing is none', (t) => {
	t.deepEqual(summary(trace(lock, exit(473), enter(474), lock)), []);
	t.deepEqual(summary(trace(enter(473), exit(474))), []);
});

test('other threads are left out', (t) => {
	t.deepEqual(summary(trace(enter(473), exit(473)), 23), []);
});
