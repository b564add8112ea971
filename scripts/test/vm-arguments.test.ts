// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { CommanderError } from 'commander';
import { parseVmArguments } from '../src/vm/arguments.js';

test('what is taken if nothing else is said', (t) => {
	t.deepEqual(parseVmArguments(['true']), {
		kernel: 'release',
		cpus: 2,
		memory: 2048,
		icount: false,
		env: {},
		shell: false,
		gdb: false,
		command: ['true'],
	});
});

test("the command's own options are left to it", (t) => {
	t.deepEqual(parseVmArguments(['ls', '-l', '--cpus', '9']).command, ['ls', '-l', '--cpus', '9']);
	t.is(parseVmArguments(['ls', '--cpus', '9']).cpus, 2);
	t.deepEqual(parseVmArguments(['sh', '-c', 'exit 7']).command, ['sh', '-c', 'exit 7']);
	t.deepEqual(parseVmArguments(['--timeout', '20', '--', 'sleep', '1000']), {
		...parseVmArguments(['sleep', '1000']),
		timeout: 20,
	});
	t.deepEqual(parseVmArguments(['--', '-odd-name']).command, ['-odd-name']);
	t.deepEqual(parseVmArguments(['env', '--', '--help']).command, ['env', '--', '--help']);
});

test('every option', (t) => {
	const words = [
		...['--kernel', 'debug', '--image', '/i', '--tree', '/t', '--cpus', '3', '--memory', '512'],
		...['--timeout', '0.5', '--silence', '0', '--env', 'A=b=c', '--env', 'B=', '--gdb'],
		...['--append', 'root=nothing quiet', '--logs', '/l', 'true'],
	];
	t.deepEqual(parseVmArguments(words), {
		kernel: 'debug',
		image: '/i',
		tree: '/t',
		cpus: 3,
		memory: 512,
		icount: false,
		timeout: 0.5,
		silence: 0,
		env: { A: 'b=c', B: '' },
		shell: false,
		gdb: true,
		append: 'root=nothing quiet',
		logs: '/l',
		command: ['true'],
	});
});

test('counting instructions needs one processor, and takes it', (t) => {
	t.is(parseVmArguments(['--icount', 'true']).cpus, 1);
	t.is(parseVmArguments(['--icount', '--cpus', '1', 'true']).cpus, 1);
});

test('a terminal needs no command', (t) => {
	t.deepEqual(parseVmArguments(['--shell']).command, []);
});

const mistakes: readonly { words: string[]; message: RegExp }[] = [
	{ words: [], message: /no COMMAND given; for a terminal say '--shell'/ },
	{ words: ['--bogus', 'true'], message: /unknown option '--bogus'/ },
	{ words: ['--kernel', 'new', 'true'], message: /'new' is invalid.*release, debug, base/ },
	{ words: ['--cpus', '0', 'true'], message: /'0' is invalid.*whole number from 1 to 16/ },
	{ words: ['--cpus', '2x', 'true'], message: /'2x' is invalid/ },
	{ words: ['--memory', '64', 'true'], message: /'64' is invalid.*from 128/ },
	{ words: ['--timeout', '-1', 'true'], message: /'-1' is invalid.*seconds/ },
	{ words: ['--timeout', '', 'true'], message: /'' is invalid.*seconds/ },
	{ words: ['--env', 'A', 'true'], message: /'A' is invalid.*NAME=VALUE/ },
	{ words: ['--env', '=A', 'true'], message: /'=A' is invalid.*NAME=VALUE/ },
	{ words: ['--icount', '--cpus', '2', 'true'], message: /--icount needs --cpus 1, got --cpus 2/ },
];

for (const { words, message } of mistakes) {
	test(`a mistake: ${words.join(' ')}`, (t) => {
		t.throws(() => parseVmArguments(words), { instanceOf: CommanderError, message });
	});
}
