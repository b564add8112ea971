// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { describeEnding } from '../src/describe-ending.js';
import { classifyEnding, type EndingKind, type Observed } from '../src/ending.js';

const started = { uptimeMilliseconds: 900, processors: 2, tainted: 0 };
const verdict = { exit: 7, stdoutBytes: 0, stderrBytes: 0, tainted: 0 };
const left = { exitCode: 0, message: '' };
const killed = { signal: 'SIGKILL', message: '' };
const panic = { kind: 'panic', title: 'Kernel panic - not syncing: x', text: 'x' } as const;
const warning = { kind: 'warning', title: 'WARNING: y', text: 'y\nz' } as const;

const whole: Observed = { qemu: left, started, verdict, complete: true, reports: [] };
const running: Observed = { qemu: left, started, complete: false, reports: [] };
const booting: Observed = { qemu: left, complete: false, reports: [] };

interface Row {
	title: string;
	observed: Observed;
	kind: EndingKind;
	status: number;
	/** What has to be among the words. */
	words: RegExp;
}

const rows: readonly Row[] = [
	{ title: 'the command exited', observed: whole, kind: 'command', status: 7, words: /^$/ },
	{
		title: 'the command was killed',
		observed: { ...whole, verdict: { ...verdict, exit: undefined, signal: 9 } },
		kind: 'command',
		status: 137,
		words: /^$/,
	},
	{
		title: 'QEMU had to be killed after everything had been said',
		observed: { ...whole, qemu: killed },
		kind: 'command',
		status: 7,
		words: /^$/,
	},
	{
		title: 'a warning during the command',
		observed: { ...whole, reports: [warning] },
		kind: 'kernel report',
		status: 121,
		words: /^the command ended with status 7, but .*\n {2}warning: WARNING: y\n.*\n {2}y\n {2}z\n/s,
	},
	{
		title: 'a warning, and a command that was killed',
		observed: {
			...whole,
			verdict: { ...verdict, exit: undefined, signal: 9 },
			reports: [warning],
		},
		kind: 'kernel report',
		status: 121,
		words: /^the command was killed by signal 9, but/,
	},
	{
		title: 'the kernel is tainted since the command',
		observed: { ...whole, verdict: { ...verdict, tainted: 512 } },
		kind: 'kernel report',
		status: 121,
		words: /tainted since: the kernel issued a warning \(bit 9\)/,
	},
	{
		title: 'the kernel was tainted before the command already',
		observed: {
			...whole,
			started: { ...started, tainted: 512 },
			verdict: { ...verdict, tainted: 512 },
		},
		kind: 'command',
		status: 7,
		words: /^$/,
	},
	{
		title: 'the command had tests in the kernel run',
		observed: {
			...whole,
			verdict: { ...verdict, tainted: 1 << 18 },
		},
		kind: 'command',
		status: 7,
		words: /^$/,
	},
	{
		title: 'kmemleak found something',
		observed: { ...whole, verdict: { ...verdict, leaks: 'unreferenced object 0x1\n  comm\n' } },
		kind: 'kernel report',
		status: 121,
		words: /kmemleak found:\n {2}unreferenced object 0x1\n {4}comm\n/,
	},
	{
		title: 'kmemleak found nothing',
		observed: { ...whole, verdict: { ...verdict, leaks: '' } },
		kind: 'command',
		status: 7,
		words: /^$/,
	},
	{
		title: 'a panic during the command',
		observed: { ...running, reports: [warning, panic] },
		kind: 'kernel panic',
		status: 122,
		words:
			/^the kernel panicked: Kernel panic - not syncing: x\n.*last 2 lines.*\n {2}one\n {2}two$/s,
	},
	{
		title: 'a panic while booting',
		observed: { ...booting, reports: [panic] },
		kind: 'boot failed',
		status: 120,
		words: /^the kernel did not boot: Kernel panic - not syncing: x\n.*\n {2}one\n {2}two$/s,
	},
	{
		title: 'a boot that takes too long',
		observed: { ...booting, qemu: killed, stop: { cause: 'boot limit', seconds: 60 } },
		kind: 'boot failed',
		status: 120,
		words: /^the kernel did not boot: init did not report within 60 s\n.*\n {2}two$/s,
	},
	{
		title: 'a machine that goes before init reports',
		observed: booting,
		kind: 'boot failed',
		status: 120,
		words: /init did not report: the machine switched off or reset before/,
	},
	{
		title: 'the time limit while the command runs',
		observed: { ...running, qemu: killed, stop: { cause: 'time limit', seconds: 20 } },
		kind: 'time limit',
		status: 124,
		words: /^the time limit of 20 s is over; the command was running\n.*console\.log$/s,
	},
	{
		title: 'the time limit while the kernel boots',
		observed: { ...booting, qemu: killed, stop: { cause: 'time limit', seconds: 1 } },
		kind: 'time limit',
		status: 124,
		words: /^the time limit of 1 s is over; the kernel was still booting/,
	},
	{
		title: 'the time limit after a kernel report',
		observed: {
			...running,
			qemu: killed,
			stop: { cause: 'time limit', seconds: 20 },
			reports: [warning],
		},
		kind: 'time limit',
		status: 124,
		words: /the kernel reported on its console \(1 in all\):\n {2}warning: WARNING: y/,
	},
	{
		title: 'silence',
		observed: { ...running, qemu: killed, stop: { cause: 'silence', seconds: 300 } },
		kind: 'silence',
		status: 123,
		words: /^no output and no console line for 300 s; the command was running/,
	},
	{
		title: 'QEMU killed by somebody else',
		observed: { ...running, qemu: killed },
		kind: 'QEMU died',
		status: 125,
		words: /^qemu-system-x86_64 was killed by SIGKILL\n/,
	},
	{
		title: 'QEMU refuses its arguments',
		observed: { ...booting, qemu: { exitCode: 1, message: 'bad\nvery bad' } },
		kind: 'QEMU died',
		status: 125,
		words: /^qemu-system-x86_64 ended with status 1\n {2}bad\n {2}very bad\n/,
	},
	{
		title: "QEMU isn't there",
		observed: {
			...booting,
			qemu: { exitCode: 127, message: 'setpriv: failed to execute qemu-system-x86_64' },
		},
		kind: 'QEMU died',
		status: 125,
		words: /install Debian's packages qemu-system-x86/,
	},
	{
		title: 'the guest goes during the command',
		observed: running,
		kind: 'result missing',
		status: 255,
		words: /^the result is missing: the guest switched off or reset/,
	},
	{
		title: 'output got lost',
		observed: { ...whole, complete: false },
		kind: 'result missing',
		status: 255,
		words: /^the command ended with status 7, but not all of its output arrived/,
	},
	{
		title: 'Ctrl-C',
		observed: { ...running, qemu: killed, stop: { cause: 'interrupted', signal: 'SIGINT' } },
		kind: 'interrupted',
		status: 130,
		words: /^interrupted by SIGINT$/,
	},
	{
		title: 'a reader of the output that goes away',
		observed: { ...running, qemu: killed, stop: { cause: 'interrupted', signal: 'SIGPIPE' } },
		kind: 'interrupted',
		status: 141,
		words: /^interrupted by SIGPIPE$/,
	},
];

for (const { title, observed, kind, status, words } of rows) {
	test(`${title}: ${status}`, (t) => {
		const ending = classifyEnding(observed);
		t.deepEqual(ending, { kind, status });
		const described = {
			ending,
			observed,
			console: ['one', 'two'],
			consoleLog: '/logs/console.log',
		};
		t.regex(describeEnding(described).join('\n'), words);
	});
}

test('of a long console the last 40 lines are shown', (t) => {
	const observed = { ...running, reports: [panic] };
	const console = Array.from({ length: 100 }, (_, index) => `line ${index}`);
	const ending = classifyEnding(observed);
	const words = describeEnding({ ending, observed, console, consoleLog: '/logs/console.log' });
	t.is(words.filter((line) => line.startsWith('  line ')).length, 40);
	t.is(words.at(-1), '  line 99');
	t.true(words.some((line) => line.includes('/logs/console.log')));
});

test('an empty console is said to be empty', (t) => {
	const ending = classifyEnding(booting);
	const words = describeEnding({ ending, observed: booting, console: [], consoleLog: '/l' });
	t.regex(words.at(-1) ?? '', /^the console is empty \(\/l\)/);
});
