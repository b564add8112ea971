// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { asksForHelp, subcommandOf, vmFlags } from '../bootstrap/command-line.js';
import { packagesFor } from '../bootstrap/debian-packages.js';
import { createFuzzCommand } from '../src/fuzz/command.js';
import { createKernelCommand } from '../src/kernel.js';
import { createSeriesCommand } from '../src/series.js';
import { describeProgram } from '../src/vm/arguments.js';

const namesFor = (verb: string, words: string[]): string[] =>
	packagesFor(verb, words).map(({ name }) => name);

test('a command gets what it needs beyond what all need', (t) => {
	const everybody = namesFor('vm', ['true']);
	const more = (verb: string, words: string[]): string[] =>
		namesFor(verb, words).filter((name) => !everybody.includes(name));
	t.true(everybody.includes('qemu-system-x86'));
	t.deepEqual(more('kernel', ['build']), []);
	t.true(more('kernel', ['cross']).includes('gcc-s390x-linux-gnu'));
	t.deepEqual(more('bench', ['mpi']), ['openmpi-bin', 'libopenmpi-dev', 'hpcc']);
	t.true(more('test', ['--dbus-tests']).includes('dbus-tests'));
	t.true(more('series', ['check', '--all']).includes('coccinelle'));
	t.deepEqual(more('series', ['mail', 'af-dbus']), ['git-email', 'libmailtools-perl']);
});

test('a subcommand is found behind options and their values', (t) => {
	t.true(namesFor('fuzz', ['--seconds', '5', 'record']).includes('dbus-tests'));
	t.true(namesFor('fuzz', ['--seconds=5', 'record']).includes('dbus-tests'));
	t.false(namesFor('fuzz', ['--seconds', '5']).includes('dbus-tests'));
	t.false(namesFor('bench', ['copy', '--json', 'mpi']).includes('hpcc'));
	t.is(subcommandOf([]), undefined);
});

for (const words of [['--help'], ['-h'], ['--kernel', 'debug', '--help'], ['--gdb', '-h', 'ls']]) {
	test(`vm ${words.join(' ')} needs no packages`, (t) => {
		t.deepEqual(namesFor('vm', words), []);
	});
}

for (const words of [
	['ls', '--help'],
	['--', '--help'],
	['--kernel', 'debug', 'ls', '--help'],
	['--kernel=debug', 'ls', '--help'],
	['--shell', 'ls', '-h'],
	['--append', '--help', 'ls'],
]) {
	test(`vm ${words.join(' ')} needs packages: that help is not vm's`, (t) => {
		t.true(namesFor('vm', words).length > 0);
	});
}

for (const [verb, words] of [
	['start', ['--help']],
	['test', ['--kernel', 'rt', '-h']],
	['bench', ['dbus', '--help']],
	['fuzz', ['record', '-h']],
	['kernel', ['help', 'cross']],
	['series', ['check', '--all', '--help']],
] as const) {
	test(`${verb} ${words.join(' ')} needs no packages`, (t) => {
		t.true(asksForHelp(verb, [...words]));
		t.deepEqual(namesFor(verb, [...words]), []);
	});
}

test('which options take values is as the commands have it', (t) => {
	const { options } = describeProgram();
	t.deepEqual(
		options.filter(({ required }) => !required).map(({ long }) => long),
		vmFlags,
	);
	const print = (): undefined => undefined;
	const report = { say: print, progress: () => ({ update: print, stop: print }) };
	const fuzz = createFuzzCommand({
		fuzz: () => Promise.resolve([]),
		record: () => Promise.resolve(''),
		print,
		report,
		interrupt: new AbortController().signal,
	});
	for (const command of [fuzz, createKernelCommand(print), createSeriesCommand(print)]) {
		t.true(command.options.every(({ required }) => required));
	}
});
