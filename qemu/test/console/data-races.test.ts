// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { withoutRacesOfOthers } from '../../src/console/data-races.js';
import { findReports, type KernelReport } from '../../src/console/reports.js';

/** A report as kernel/kcsan/report.c prints it. */
function race(reader: string, writer: string): string[] {
	return [
		'==================================================================',
		`BUG: KCSAN: data-race in ${reader} / ${writer}`,
		'',
		'write to 0xffff888003f4a6b8 of 1 bytes by task 91 on cpu 1:',
		` ${writer}+0x1d/0x30`,
		' unix_stream_sendmsg+0x2f1/0x7f0',
		' do_syscall_64+0x8f/0x1c0',
		'',
		'read to 0xffff888003f4a6b8 of 1 bytes by task 92 on cpu 0:',
		` ${reader}+0x40/0x120`,
		' do_syscall_64+0x8f/0x1c0',
		'',
		'Reported by Kernel Concurrency Sanitizer on:',
		'CPU: 0 UID: 0 PID: 92 Comm: dbus_direct Not tainted 7.3.4 #1',
		'==================================================================',
	];
}

const own = race('dbus_flow_holds', 'tick_do_update_jiffies64');
const others = race('do_sys_poll', 'pollwake');

function racesIn(lines: readonly string[], functions: readonly string[]): string[] {
	const stamped = lines.map((line, index) => `[    1.${String(index).padStart(6, '0')}] ${line}`);
	return withoutRacesOfOthers(findReports(stamped), functions).map(({ title }) => title);
}

test('a data race counts if one of the functions has a part in it', (t) => {
	t.deepEqual(racesIn([...others, ...own, ...others], ['remote_copy', 'dbus_']), [
		'BUG: KCSAN: data-race in dbus_flow_holds / tick_do_update_jiffies64',
	]);
});

test('to begin like a function is not to be called by it, nor to hold its name inside', (t) => {
	t.deepEqual(racesIn(own, ['holds', 'flow_', 'dbus_direct_']), []);
});

test('who was interrupted has no part in it', (t) => {
	const tick = [
		'==================================================================',
		'BUG: KCSAN: data-race in hrtimer_wakeup / schedule_hrtimeout_range_clock',
		'',
		'write to 0xffff888003997a40 of 8 bytes by interrupt on cpu 0:',
		' hrtimer_wakeup+0x1f/0x40',
		' asm_sysvec_apic_timer_interrupt+0x16/0x20',
		' dbus_connection_end+0x12d/0x2c0',
		'',
		'read to 0xffff888003997a40 of 8 bytes by task 58 on cpu 0:',
		' schedule_hrtimeout_range_clock+0xda/0x160',
		'==================================================================',
	];
	t.deepEqual(racesIn(tick, ['dbus_']), []);
	t.is(racesIn(tick, ['hrtimer_']).length, 1);
	t.is(racesIn(tick, ['schedule_']).length, 1);
});

test('without functions no data race counts', (t) => {
	t.deepEqual(racesIn(own, []), []);
});

test('what is no data race counts whoever is in it', (t) => {
	const report: KernelReport = {
		kind: 'KASAN',
		title: 'BUG: KASAN: …',
		text: 'do_sys_poll+0x1/0x2',
	};
	t.deepEqual(withoutRacesOfOthers([report], ['dbus_']), [report]);
});
