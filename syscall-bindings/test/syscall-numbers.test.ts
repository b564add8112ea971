// SPDX-License-Identifier: GPL-2.0-only
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { collectNumbers, readNumbersFile } from '../src/syscall-numbers.js';
import { stableNumbers } from '../src/syscall-tables.js';
import { spawnProgram } from './helpers/child-with-memory.js';

const directory = mkdtempSync(path.join(tmpdir(), 'fastipc-numbers-'));
test.after.always(() => {
	rmSync(directory, { recursive: true });
});

function fileWith(name: string, content: string): string {
	const file = path.join(directory, name);
	writeFileSync(file, content);
	return file;
}

test('without a file the committed numbers hold', (t) => {
	for (const none of [undefined, '']) {
		t.like(collectNumbers('x64', none), { copy_from_process: 473, copy_to_process: 474, mmap: 9 });
	}
	t.like(collectNumbers('arm64', undefined), { copy_from_process: 473, process_vm_readv: 270 });
});

test('a file says what differs, and the rest stays', (t) => {
	const numbers = collectNumbers('x64', fileWith('some.json', '{"copy_from_process": 480}'));
	t.like(numbers, { copy_from_process: 480, copy_to_process: 474, process_vm_readv: 310 });
});

test('an architecture without a table is named', (t) => {
	t.throws(() => collectNumbers('riscv64', undefined), {
		message:
			"system call numbers: those of architecture riscv64 aren't known, only those of x64 and arm64; add them to syscall-tables.ts",
	});
});

test('a wrong file is named, with what is wrong', (t) => {
	const rows: [string, string, RegExp][] = [
		['cut.json', '{"copy_from_process": 4', /cut\.json can't be read as JSON: .*JSON/],
		[
			'list.json',
			'[473, 474]',
			/list\.json must hold an object .*, it holds an instance of Array$/,
		],
		['null.json', 'null', /null\.json must hold an object .*, it holds null$/],
		['text.json', '{"mmap": "9"}', /text\.json: "mmap" must be an integer .*, got the string '9'$/],
		['minus.json', '{"mmap": -1}', /minus\.json: "mmap" must be an integer .*, got the number -1$/],
		[
			'half.json',
			'{"mmap": 0.5}',
			/half\.json: "mmap" must be an integer .*, got the number 0\.5$/,
		],
		['large.json', '{"mmap": 65536}', /large\.json: "mmap" must be an integer from 0 to 65535/],
	];
	for (const [name, content, message] of rows) {
		t.throws(() => readNumbersFile(fileWith(name, content)), { message });
	}
	t.throws(() => readNumbersFile(path.join(directory, 'absent.json')), {
		message: /absent\.json can't be read as JSON: ENOENT/,
	});
});

async function outcomeWith(numbersFile: string) {
	const child = spawnProgram(
		`
			import { syscallNumbers } from '@fastipc/syscall-bindings';
			console.log(syscallNumbers.copy_to_process);
		`,
		{ FASTIPC_SYSCALL_NUMBERS: numbersFile },
	);
	const [output, errors] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close'),
	]);
	return { output: output.trim(), errors, status: child.exitCode };
}

test('the environment names the file', async (t) => {
	const right = await outcomeWith(fileWith('right.json', '{"copy_to_process": 499}'));
	t.is(right.output, '499', right.errors);
	const wrong = await outcomeWith(fileWith('wrong.json', '{"copy_to_process": null}'));
	t.not(wrong.status, 0);
	t.regex(wrong.errors, /wrong\.json: "copy_to_process" must be an integer .*, got null/);
});

const headers = {
	x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
	arm64: '/usr/include/asm-generic/unistd.h',
};

for (const [architecture, header] of Object.entries(headers)) {
	const run = existsSync(header) ? test : test.skip;
	run(`numbers for ${architecture} are those of ${header}`, (t) => {
		const definition = /^#define __NR(?:3264)?_(\w+) (\d+)$/gm;
		const found = new Map(
			[...readFileSync(header, 'ascii').matchAll(definition)].map(([, name = '', number]) => [
				name,
				Number(number),
			]),
		);
		const table = Object.entries(stableNumbers.get(architecture) ?? {});
		// Headers older than a call don't have it.
		const compared = table.filter(([name]) => found.has(name));
		t.deepEqual(
			compared,
			compared.map(([name]) => [name, found.get(name)]),
		);
		t.true(compared.length > 30);
	});
}
