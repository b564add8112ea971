// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { consoleLines, readConsole } from '../../src/console/read-console.js';
import { findReports } from '../../src/console/reports.js';
import { fileURLToPath } from 'node:url';

const packageFile = import.meta.resolve('@fastipc/qemu/package.json');

async function reportsOf(fixture: string) {
	const file = fileURLToPath(new URL(`test/fixtures/${fixture}.log`, packageFile));
	return findReports(await readConsole(file));
}

async function titlesOf(fixture: string): Promise<string[]> {
	return (await reportsOf(fixture)).map(({ kind, title }) => `${kind}: ${title}`);
}

test('a boot in which nothing went wrong has no report', async (t) => {
	t.deepEqual(await reportsOf('clean'), []);
});

test('a panic', async (t) => {
	const [panic, ...others] = await reportsOf('panic');
	t.is(panic?.kind, 'panic');
	t.is(panic?.title, 'Kernel panic - not syncing: sysrq triggered crash');
	t.regex(panic?.text ?? '', /Call Trace:.*sysrq_handle_crash.*<\/TASK>/s);
	t.deepEqual(others, []);
});

test('a panic cut off in the middle of a line', async (t) => {
	const [panic, ...others] = await reportsOf('panic-truncated');
	t.is(panic?.kind, 'panic');
	t.true(panic?.text.endsWith('  vpa'));
	t.deepEqual(others, []);
});

test('a boot without a root', async (t) => {
	t.deepEqual(await titlesOf('boot-failure'), [
		'panic: Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
	]);
});

test('an oops is one report, from its first line to the end of its trace', async (t) => {
	const [oops, ...others] = await reportsOf('oops');
	t.is(oops?.kind, 'oops');
	t.is(oops?.title, 'BUG: kernel NULL pointer dereference, address: 0000000000000010');
	t.regex(
		oops?.text ?? '',
		/^\[ .*BUG: kernel NULL.*Oops: Oops: 0002.*---\[ end trace \d+ \]---$/s,
	);
	t.deepEqual(others, []);
});

test("a warning has its own words with it, and isn't mixed with the oops that follows", async (t) => {
	const [warning, oops, ...others] = await reportsOf('warning-and-oops');
	t.is(warning?.kind, 'warning');
	t.regex(warning?.title ?? '', /^WARNING: .*refcount\.c:25 at refcount_warn_saturate/);
	t.regex(warning?.text ?? '', /^\[ .*refcount_t: addition on 0; use-after-free\..*end trace/s);
	t.is(oops?.kind, 'oops');
	t.regex(oops?.text ?? '', /^\[ .*BUG: unable to handle page fault.*end trace/s);
	t.deepEqual(others, []);
});

test('a task that hangs is reported each time the kernel says so, with its stack', async (t) => {
	const reports = await reportsOf('hung-task');
	t.true(reports.length > 1);
	for (const { kind, title, text } of reports) {
		t.is(kind, 'hung task');
		t.regex(title, /^INFO: task touch:\d+ blocked for more than \d+ seconds\.$/);
		t.regex(text, /percpu_rwsem_wait.*<\/TASK>$/s);
	}
});

test("the checkers' reports, each by its own name", async (t) => {
	t.deepEqual(await titlesOf('checkers'), [
		'lockdep: WARNING: possible circular locking dependency detected',
		'lockdep: WARNING: suspicious RCU usage',
		'lockdep: [ BUG: Invalid wait context ]',
		'KASAN: BUG: KASAN: slab-use-after-free in trigger_write+0x4e/0xa0',
		'UBSAN: UBSAN: array-index-out-of-bounds in mm/trigger.c:44:7',
		'bug: BUG: sleeping function called from invalid context at mm/trigger.c:51',
		'bug: BUG kmalloc-64 (Tainted: G    B              ): Right Redzone overwritten',
		'RCU stall: rcu: INFO: rcu_preempt self-detected stall on CPU',
		'lockup: watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [trigger:77]',
		'kmemleak: kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
	]);
});

test("the checkers' reports are whole, and end where the next line isn't theirs", async (t) => {
	const [circular, , , kasan, ubsan] = await reportsOf('checkers');
	t.regex(circular?.text ?? '', /^\[.*=====.*DEADLOCK.*<\/TASK>$/s);
	t.regex(kasan?.text ?? '', /^\[.*=====.*Freed by task 77.*=====$/s);
	t.regex(ubsan?.text ?? '', /^\[.*cut here.*end trace \]---$/s);
});

test('a BUG that only a line speaks of is none', (t) => {
	const lines = consoleLines(
		[
			'[    0.020000] ..MP-BIOS bug: 8254 timer not connected to IO-APIC',
			'[    0.030000] Spectre V2 : WARNING: Unprivileged eBPF is enabled',
			'[    0.040000] foo: see BUG: 17',
			'[    0.050000] debug: WARNINGS are on',
		].join('\r\n'),
	);
	t.deepEqual(findReports(lines), []);
});

test('time stamps, callers and the lack of both', (t) => {
	for (const line of ['[    1.5][    T1] WARNING: x', '[  1.5] WARNING: x', 'WARNING: x']) {
		t.is(findReports([line])[0]?.title, 'WARNING: x', line);
	}
});

test('a line of equals signs that belongs to no report is forgotten', (t) => {
	const lines = ['=============', ...Array<string>(20).fill('Showing all locks'), 'WARNING: x'];
	t.deepEqual(
		findReports(lines).map(({ text }) => text),
		['Showing all locks\nWARNING: x'],
	);
});

test('a report without an end is cut', (t) => {
	const lines = ['BUG: Bad rss-counter state', ...Array<string>(1000).fill('something else')];
	const [report, ...others] = findReports(lines);
	t.is(report?.text.split('\n').length, 200);
	t.deepEqual(others, []);
});

test('an empty console, and what a machine says when it goes', (t) => {
	t.deepEqual(findReports(consoleLines('')), []);
	const [report] = findReports(consoleLines('BUG: x\r\nreboot: Restarting system\r\n'));
	t.is(report?.text, 'BUG: x');
});
