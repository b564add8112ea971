// SPDX-License-Identifier: GPL-2.0-only
// What the preloaded library does where there are no new calls: everything is the old ones' work.
// What it does with them is tested in the guest.
import { buildNative, nativePath } from '@fastipc/native';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

test.before(buildNative);

/** No table has a call of that number. */
const unused = 9999;

const library = 'libprocess-vm-preload.so';

/** Runs process-vm-compare, which calls the old calls through the library and without it. */
async function compare(t: ExecutionContext, numbers: string | undefined, rounds = 300) {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'preload-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const counts = path.join(directory, 'counts');
	const numbersFile = path.join(directory, 'numbers.json');
	// It becomes nobody if root runs it.
	await writeFile(counts, '', { mode: 0o666 });
	await execa('chmod', ['-R', 'a+rwX', directory]);
	if (numbers !== undefined) {
		await writeFile(numbersFile, numbers);
	}
	const { exitCode, stderr } = await execa(
		nativePath('process-vm-compare'),
		['--rounds', `${rounds}`, '--library', library],
		{
			reject: false,
			env: {
				LD_PRELOAD: nativePath(library),
				FASTIPC_COPY_COUNTS: counts,
				FASTIPC_SYSCALL_NUMBERS: numbersFile,
			},
		},
	);
	return { exitCode, stderr, numbersFile, counts: await readFile(counts, 'utf8') };
}

test('it replaces the two calls and nothing else', async (t) => {
	const { stdout } = await execa('nm', ['--dynamic', '--defined-only', nativePath(library)]);
	const names = stdout.split('\n').map((line) => line.split(' ').at(-1));
	t.deepEqual(names.toSorted(), ['process_vm_readv', 'process_vm_writev']);
});

test('ENOSYS: the old calls do the work, for good', async (t) => {
	const numbers = JSON.stringify({ copy_from_process: unused, copy_to_process: unused });
	const { exitCode, stderr, counts } = await compare(t, numbers);
	t.is(exitCode, 0, stderr);
	t.is(stderr, '');
	const line: unknown = JSON.parse(counts);
	t.like(line, { program: 'process-vm-compare', copy_from_process_bytes: 0 });
	t.is(count(line, 'copy_from_process_calls') + count(line, 'copy_to_process_calls'), 1);
	t.is(count(line, 'process_vm_readv_calls') + count(line, 'process_vm_writev_calls'), 300);
	t.true(count(line, 'process_vm_readv_bytes') > 0 && count(line, 'process_vm_writev_bytes') > 0);
});

function count(line: unknown, name: string): number {
	const value: unknown = typeof line === 'object' && line !== null ? Reflect.get(line, name) : 0;
	return typeof value === 'number' ? value : Number.NaN;
}

test('the numbers are found in the whole table of a kernel', async (t) => {
	const others = Array.from({ length: 900 }, (_, number) => [`call_${number}`, number] as const);
	const table = { ...Object.fromEntries(others), copy_from_process: unused };
	const { counts } = await compare(
		t,
		JSON.stringify({ ...table, copy_to_process: unused }, null, 2),
	);
	const line: unknown = JSON.parse(counts);
	t.is(count(line, 'copy_from_process_calls') + count(line, 'copy_to_process_calls'), 1);
});

test('a file that is too long for a table is said', async (t) => {
	const { exitCode, stderr } = await compare(t, ' '.repeat(70_000), 50);
	t.is(exitCode, 0);
	t.regex(stderr, /^libprocess-vm-preload: FASTIPC_SYSCALL_NUMBERS=.* has more than 65534 bytes$/);
});

for (const [what, numbers] of [
	['lacks both', '{}'],
	['lacks one', '{"copy_from_process": 9999}'],
	['has words', '{"copy_from_process": "473", "copy_to_process": "474"}'],
	['has numbers of no call', '{"copy_from_process": -1, "copy_to_process": 65536}'],
] as const) {
	test(`no new call is made if the file of numbers ${what}`, async (t) => {
		const { exitCode, stderr, counts } = await compare(t, numbers, 50);
		t.deepEqual([exitCode, stderr], [0, '']);
		const line: unknown = JSON.parse(counts);
		t.is(count(line, 'copy_from_process_calls') + count(line, 'copy_to_process_calls'), 0);
	});
}

test('a file of numbers that is missing is said, and the program runs', async (t) => {
	const { exitCode, stderr, numbersFile } = await compare(t, undefined, 50);
	t.is(exitCode, 0);
	t.is(
		stderr,
		`libprocess-vm-preload: FASTIPC_SYSCALL_NUMBERS=${numbersFile} can't be read: No such file or directory`,
	);
});

test('a call that gives another result is found out', async (t) => {
	// getppid(2) takes no notice of arguments, and returns a count that nothing was copied for.
	const numbers = JSON.stringify({ copy_from_process: 110, copy_to_process: 110 });
	const { exitCode, stderr } = await compare(t, numbers);
	t.is(exitCode, 1);
	t.regex(stderr, /^process-vm-compare: --seed 1, round \d+: /m);
});

test('who makes no such call leaves no line', async (t) => {
	const counts = path.join(os.tmpdir(), `preload-${process.pid}-counts`);
	await execa('true', { env: { LD_PRELOAD: nativePath(library), FASTIPC_COPY_COUNTS: counts } });
	await t.throwsAsync(access(counts), { code: 'ENOENT' });
});
