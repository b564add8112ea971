// SPDX-License-Identifier: GPL-2.0-only
import { buildNative, nativePath } from '@fastipc/native';
import test from 'ava';
import { execa } from 'execa';
import { parseFigures } from '../src/bench/copy/figures.js';
import { memoryKinds, otherWays, peers, type MemoryKind } from '../src/bench/copy/subjects.js';

test.before(buildNative);

// Scattered memory can be had on any machine; the other kinds need one with free memory in order.
async function runBench(subjects: readonly string[], sizes: readonly number[], ...more: string[]) {
	return await execa(
		nativePath('copy-bench'),
		[
			'--subjects',
			subjects.join(','),
			'--sizes',
			sizes.join(','),
			'--memory',
			'scattered',
			...more,
		],
		{ reject: false, lines: true, timeout: 60_000 },
	);
}

test('the old ways copy the right bytes on this machine too', async (t) => {
	const subjects = ['empty_loop', 'handshake', 'floor', ...peers, ...otherWays];
	const sizes = [1, 7, 8, 63, 64, 65, 4096, 4099, 3_000_001];
	const memories: MemoryKind[] = ['scattered'];
	const { stdout, stderr, exitCode } = await runBench(subjects, sizes);
	t.is(exitCode, 0, stderr.join('\n'));
	t.is(parseFigures(stdout, { subjects, sizes, memories }).length, 2 + 11 * sizes.length);
});

// getppid(2) takes no notice of arguments, and returns this process's number: were that the
// message's size, the count would be right and nothing copied.
const getppid = 110;

test('a call that returns the right count and copies nothing fails', async (t) => {
	const number = ['--number', `copy_from_process=${getppid}`];
	const { stdout, stderr, exitCode } = await runBench(
		['copy_from_process'],
		[process.pid],
		...number,
	);
	t.deepEqual([stdout, exitCode], [[], 1]);
	t.is(
		stderr.at(-1),
		`copy-bench: copy_from_process, ${process.pid} bytes of scattered memory: byte 0 of what arrived is wrong`,
	);
});

test('a call that writes nothing fails in the target', async (t) => {
	const number = ['--number', `copy_to_process=${getppid}`];
	const { stdout, stderr, exitCode } = await runBench(
		['copy_to_process'],
		[process.pid],
		...number,
	);
	t.deepEqual([stdout, exitCode], [[], 1]);
	t.true(
		stderr.includes(
			`copy-bench: copy_to_process: byte 0 of ${process.pid} is wrong in the target's memory`,
		),
		stderr.join('\n'),
	);
});

test('a call that copies too few bytes fails', async (t) => {
	const number = ['--number', `copy_from_process=${getppid}`];
	const bytes = process.pid + 1;
	const { stderr, exitCode } = await runBench(['copy_from_process'], [bytes], ...number);
	t.is(exitCode, 1);
	t.is(
		stderr.at(-1),
		`copy-bench: copy_from_process, ${bytes} bytes of scattered memory: ${process.pid} bytes copied`,
	);
});

// No table has a call of that number.
const unused = 9999;

test('a call that the kernel lacks is an error, or left out where that was allowed', async (t) => {
	const words = ['--number', `copy_from_process=${unused}`];
	const strict = await runBench(['copy_from_process', 'floor'], [1], ...words);
	t.deepEqual([strict.stdout, strict.exitCode], [[], 1]);
	t.is(
		strict.stderr.at(-1),
		'copy-bench: copy_from_process, 1 bytes of scattered memory: ENOSYS (Function not implemented)',
	);
	const lenient = await runBench(['copy_from_process', 'floor'], [1], ...words, '--skip-missing');
	t.is(lenient.exitCode, 0);
	t.is(lenient.stdout.length, 1);
	t.is(lenient.stderr.at(-1), 'copy-bench: copy_from_process: this kernel lacks it (ENOSYS)');
});

const refused: readonly (readonly [words: string[], message: RegExp])[] = [
	[['--subjects', 'teleport'], /there is no subject 'teleport'/],
	[['--sizes', '0'], /a size has to be a number from 1 to 1073741824, got '0'/],
	[['--sizes', '4k'], /got '4k'/],
	[['--memory', 'large'], /memory 'large': expected small, scattered, thp or pages/],
	[['--number', 'pipe=3'], /pipe has no system call number of its own/],
	[['--number', 'copy_from_process'], /has to be SUBJECT=NUMBER/],
	[['--subjects', 'copy_to_process'], /copy_to_process needs --number copy_to_process=NUMBER/],
	[['--rounds', '0'], /--rounds has to be/],
	[['more'], /'more' is not an option/],
];

for (const [words, message] of refused) {
	test(`refused: ${words.join(' ')}`, async (t) => {
		const { stdout, stderr, exitCode } = await runBench(['floor'], [1], ...words);
		t.deepEqual([stdout, exitCode], [[], 1]);
		t.regex(stderr.join('\n'), message);
	});
}

test('what is missing is said', async (t) => {
	const { stderr, exitCode } = await execa(nativePath('copy-bench'), { reject: false });
	t.is(exitCode, 1);
	t.is(stderr, 'copy-bench: --subjects, --sizes and --memory are needed; see --help');
	t.is(memoryKinds.length, 4);
});
