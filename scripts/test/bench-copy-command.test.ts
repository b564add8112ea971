// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import type { Command } from 'commander';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchCopy, type CopyBenchSources } from '../src/bench/copy/bench-copy.js';
import { createCopyCommand } from '../src/bench/copy/command.js';
import type { CopyBenchOptions } from '../src/bench/copy/options.js';
import { benchCommand, type PassOptions } from '../src/bench/copy/run-pass.js';
import { writeWhole } from '../src/bench/write-whole.js';
import { savedPass } from './bench-fixtures/saved-passes.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

/** A machine on which everything is as it was saved. */
function savedMachine(accelerator: 'kvm' | 'tcg', passes: PassOptions[]): CopyBenchSources {
	return {
		buildNative: () => Promise.resolve(),
		findKernel: (flavour) => Promise.resolve({ flavour, image: `/${flavour}`, numbers: [] }),
		chooseAccelerator: () => Promise.resolve(accelerator),
		makeLogDirectory: () => Promise.resolve('/logs'),
		runPass: (options) => {
			passes.push(options);
			return Promise.resolve(savedPass(options.kernel.flavour, options.clock));
		},
	};
}

async function temporaryDirectory(t: ExecutionContext): Promise<string> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
	t.teardown(() => rm(directory, { recursive: true }));
	return directory;
}

interface Ran {
	given: CopyBenchOptions[];
	statuses: number[];
	printed: string[];
	command: Command;
}

function commandOnSavedMachine(): Ran {
	const ran = {
		given: [] as CopyBenchOptions[],
		statuses: [] as number[],
		printed: [] as string[],
	};
	const command = createCopyCommand({
		bench: (options) => {
			ran.given.push(options);
			return benchCopy(options, savedMachine('tcg', []));
		},
		print: (line) => ran.printed.push(line),
		report,
		interrupt: new AbortController().signal,
		exitWith: (status) => ran.statuses.push(status),
	});
	return { ...ran, command };
}

async function run(t: ExecutionContext, ...words: string[]): Promise<Ran & { directory: string }> {
	const directory = await temporaryDirectory(t);
	const ran = commandOnSavedMachine();
	const files = [
		'--json',
		path.join(directory, 'new/copy.json'),
		'--svg',
		path.join(directory, 'copy.svg'),
	];
	await ran.command.parseAsync(['--quick', ...files, ...words], { from: 'user' });
	return { ...ran, directory };
}

test('under TCG instructions are counted, in one boot of each kernel', async (t) => {
	const passes: PassOptions[] = [];
	const { rows, judgements } = await benchCopy(
		{ quick: true, report },
		savedMachine('tcg', passes),
	);
	t.deepEqual(
		passes.map(({ kernel, clock }) => [kernel.flavour, clock]),
		[
			['base', 'instructions'],
			['release', 'instructions'],
		],
	);
	t.deepEqual([rows.length, judgements.length], [152, 22]);
});

test('where KVM works, time is measured in boots of its own', async (t) => {
	const passes: PassOptions[] = [];
	const { rows } = await benchCopy({ quick: true, report }, savedMachine('kvm', passes));
	t.deepEqual(
		passes.map(({ kernel, clock }) => [kernel.flavour, clock]),
		[
			['base', 'instructions'],
			['release', 'instructions'],
			['base', 'time'],
			['release', 'time'],
		],
	);
	t.true(rows.every(({ nanoseconds }) => nanoseconds !== null));
});

test('copy-bench is told the subjects, the sizes and the numbers of the new calls', (t) => {
	const words = benchCommand({
		kernel: { flavour: 'release', image: '/release', numbers: [['copy_from_process', 473]] },
		clock: 'time',
		request: { subjects: ['floor', 'pipe'], sizes: [1, 4096], memories: ['small', 'thp'] },
		logDirectory: '/logs',
		report,
	});
	t.is(path.basename(words[0] ?? ''), 'copy-bench');
	t.is(
		words.slice(1).join(' '),
		'--subjects floor,pipe --sizes 1,4096 --memory small,thp --rounds 51 --number copy_from_process=473',
	);
});

test('--json writes an array of objects, --svg a plot, whole', async (t) => {
	const { directory, given, statuses } = await run(t);
	const rows: unknown = JSON.parse(await readFile(path.join(directory, 'new/copy.json'), 'utf8'));
	t.true(Array.isArray(rows) && rows.length === 152);
	t.deepEqual(Array.isArray(rows) ? (rows[2] as unknown) : undefined, {
		subject: 'floor',
		bytes: 1,
		memory: 'small',
		instructions: 38.15,
		nanoseconds: null,
	});
	const svg = await readFile(path.join(directory, 'copy.svg'), 'utf8');
	t.regex(svg, /^<svg .*<\/svg>\n$/s);
	for (const subject of ['floor', 'copy_from_process', 'process_vm_readv (patched)', 'vmsplice']) {
		t.true(svg.includes(`>${subject}</text>`), subject);
	}
	t.deepEqual((await readdir(directory)).sort(), ['copy.svg', 'new']);
	t.deepEqual(await readdir(path.join(directory, 'new')), ['copy.json']);
	t.deepEqual([given[0]?.quick, statuses], [true, []]);
});

test('a missed limit is said, and is a failure only with --check', async (t) => {
	const said = /^1 of 22 limits missed$/m;
	const lenient = await run(t);
	t.regex(lenient.printed.join('\n'), said);
	t.deepEqual(lenient.statuses, []);
	const strict = await run(t, '--check');
	t.regex(strict.printed.join('\n'), said);
	t.deepEqual(strict.statuses, [1]);
});

test('kernels of the user are taken instead', async (t) => {
	const { given } = await run(t, '--image', '/a', '--base-image', '/b', '--tree', '/c');
	t.like(given[0], { image: '/a', baseImage: '/b', tree: '/c' });
});

test('a file that can not be written leaves nothing behind', async (t) => {
	const directory = await temporaryDirectory(t);
	await t.throwsAsync(() => writeWhole(directory, 'text'), { code: 'EISDIR' });
	t.deepEqual(
		(await readdir(path.dirname(directory))).filter((name) =>
			name.startsWith(`${path.basename(directory)}.`),
		),
		[],
	);
});
