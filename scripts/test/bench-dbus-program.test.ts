// SPDX-License-Identifier: GPL-2.0-only
// bus-bench and bus-client on this machine, whose kernel needn't know AF_DBUS.
import { buildBusClient, buildNative, nativePath } from '@fastipc/native';
import test from 'ava';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { parseFigures } from '../src/bench/dbus/figures.js';
import { measurementWord, planFor, type Measurement } from '../src/bench/dbus/plan.js';

const files = {
	'libsystemd-dev': '/usr/include/systemd/sd-bus.h',
	'libdbus-1-dev': '/usr/include/dbus-1.0/dbus/dbus.h',
	'dbus-daemon': '/usr/bin/dbus-daemon',
};
const missing = Object.entries(files).find(([, file]) => !existsSync(file))?.[0];
const run = missing === undefined ? test.serial : test.skip;

/** The reason stands where the report of `npm test` looks for it. */
function titled(title: string): string {
	return missing === undefined
		? title
		: `${title} ⟨skipped: Debian's package ${missing} is missing⟩`;
}

async function runBench(...words: string[]) {
	await buildNative();
	await buildBusClient();
	const programs = ['bus-client', 'libdbus-preload.so'].map(nativePath);
	return await execa(nativePath('bus-bench'), [...programs, ...words], {
		reject: false,
		lines: true,
		timeout: 60_000,
	});
}

/** Few enough for a test that is about whether, and not how fast, messages arrive. */
function few(measurement: Measurement): Measurement {
	return { ...measurement, warmUp: 1, least: Math.min(measurement.least, 3) };
}

const plan = [
	...planFor({ subjects: ['socketpair', 'socketpair-addressed'], bytes: [0, 64, 2 ** 20] }),
	...planFor({ subjects: ['dbus-daemon'], bytes: [64, 8192] }),
]
	// Two elements are as good as many.
	.filter(({ workload, bytes }) => bytes < 2 ** 20 || !workload.startsWith('call-a'))
	.map(few);

run(titled('messages of all kinds arrive, with both libraries'), async (t) => {
	const { stdout, stderr, exitCode } = await runBench(...plan.map(measurementWord));
	t.is(exitCode, 0, stderr.join('\n'));
	const { figures } = parseFigures(stdout, plan);
	t.is(figures.length, plan.length);
	t.true(figures.every(({ messages }) => messages >= 1));
});

run(titled('a reader that stops gets all of it from the daemon, once it goes on'), async (t) => {
	const beside = planFor({ workloads: ['stopped-reader'] })
		.map(few)
		.map((measurement) => ({ ...measurement, subject: 'dbus-daemon' as const }));
	const { stdout, stderr, exitCode } = await runBench(...beside.map(measurementWord));
	t.is(exitCode, 0, stderr.join('\n'));
	t.deepEqual(
		parseFigures(stdout, beside).figures.map(({ workload }) => workload),
		['no-reader', 'stopped-reader'],
	);
	t.regex(stderr.join('\n'), /^the reader went on, and got all 1025 signals in order$/m);
});

const refused: readonly (readonly [word: string, message: RegExp])[] = [
	['socketpair,sd-bus,call,64,1,0,0,0', /LEAST from 1 on/],
	['socketpair,sd-bus,call,1048577,1,1,0,0', /BYTES has to be up to 1048576/],
	['socketpair,sd-bus,call,64', /a measurement has to be SUBJECT,CLIENT,WORKLOAD/],
	['teleport,sd-bus,call,64,1,1,0,0', /there is no subject 'teleport'/],
	['socketpair,gdbus,call,64,1,1,0,0', /--library has to be sd-bus or libdbus, got 'gdbus'/],
	['socketpair,sd-bus,shout,64,1,1,0,0', /there is no workload 'shout'/],
	['socketpair,sd-bus,call-8-clients,64,1,1,0,0', /a socketpair has no place for 8 callers/],
];

for (const [word, message] of refused) {
	run(titled(`refused: ${word}`), async (t) => {
		const { stdout, stderr, exitCode } = await runBench(word);
		t.is(stdout.length, 1);
		t.not(exitCode, 0);
		t.regex(stderr.join('\n'), message);
	});
}
