// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchMpi, type MpiBenchSources } from '../src/bench/mpi/bench-mpi.js';
import { createMpiCommand } from '../src/bench/mpi/command.js';
import type { MpiBenchOptions } from '../src/bench/mpi/options.js';
import { parseOutput, type MpiRunOutput } from '../src/bench/mpi/output.js';
import type { MpiRun } from '../src/bench/mpi/plan.js';
import { makeRows, median } from '../src/bench/mpi/rows.js';
import type { PlanOptions } from '../src/bench/mpi/run-plan.js';
import { largeMessageLine, mpiTables } from '../src/bench/mpi/tables.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

/** A byte takes so many nanoseconds, on a machine where every tenth run is disturbed. */
const nanoseconds = { shared_memory: 2, process_vm: 1, copy_process: 0.5 } as const;

function messagesOf({ mechanism, run, sizes, rounds }: MpiRun): string[] {
	const disturbed = run % 9 === 4 ? 100 : 1;
	return Array.from({ length: rounds }, () => sizes)
		.flat()
		.map((bytes) => {
			const microseconds = (bytes * nanoseconds[mechanism] * disturbed) / 1000;
			return JSON.stringify({ bytes, messages: 10, microseconds });
		});
}

function hpccOf({ mechanism, ranks }: MpiRun): string[] {
	return ['AvgPingPong', 'NaturallyOrderedRing', 'RandomlyOrderedRing'].flatMap((name, index) => [
		`${name}Latency_usec=${nanoseconds[mechanism] * ranks + index}`,
		`${name}Bandwidth_GBytes=${1 / nanoseconds[mechanism] + index}`,
	]);
}

function countsOf({ preload }: MpiRun): string[] {
	const counted = (call: string, used: boolean) => ({
		[`${call}_calls`]: used ? 5 : 0,
		[`${call}_bytes`]: used ? 1e9 : 0,
	});
	return preload === undefined
		? []
		: [
				JSON.stringify({
					...{ program: 'a', pid: 7 },
					...counted('copy_from_process', preload === 'copied'),
					...counted('copy_to_process', false),
					...counted('process_vm_readv', preload === 'probed'),
					...counted('process_vm_writev', false),
				}),
			];
}

/** What the guest would print. */
function outputOf(plan: readonly MpiRun[]): string[] {
	return plan.flatMap((run) => {
		const { program, mechanism, ranks, run: number, preload } = run;
		return [
			`begin ${JSON.stringify({ program, mechanism, ranks, run: number, preload })}`,
			...(program === 'hpcc' ? ['Success=1', ...hpccOf(run)] : messagesOf(run)),
			...countsOf(run),
		];
	});
}

function machine(
	given: PlanOptions[] = [],
	change: (outputs: MpiRunOutput[]) => MpiRunOutput[] = (outputs) => outputs,
): MpiBenchSources {
	return {
		build: () => Promise.resolve(),
		findKernel: () => Promise.resolve({ image: '/bzImage', syscallNumbers: '/numbers.json' }),
		chooseAccelerator: () => Promise.resolve('tcg'),
		makeLogDirectory: () => Promise.resolve('/logs'),
		runPlan: (options) => {
			given.push(options);
			return Promise.resolve(change(parseOutput(outputOf(options.plan))));
		},
	};
}

/** The cells of each row of a table that begins so. */
function rowsOf(text: string, ...beginning: string[]): string[][] {
	return text
		.split('\n')
		.map((line) => line.split('│').map((cell) => cell.trim()))
		.map((cells) => cells.slice(1, -1))
		.filter((cells) => beginning.every((cell, index) => cells[index] === cell))
		.map((cells) => cells.slice(beginning.length));
}

test('medians, of each message and each figure of HPCC', async (t) => {
	const { rows } = await benchMpi({ report }, machine());
	t.is(rows.length, 3 * 2 * (12 + 6));
	const place = { ranks: 4, mechanism: 'process_vm' } as const;
	const find = (pattern: string, bytes: number) =>
		rows.find(
			(row) =>
				row.pattern === pattern &&
				row.bytes === bytes &&
				row.ranks === 4 &&
				row.mechanism === place.mechanism,
		);
	t.deepEqual(find('ping_pong', 65536), {
		...{ pattern: 'ping_pong', ...place, runs: 9, bytes: 65536 },
		microseconds: 65.536,
		megabytesPerSecond: 1000,
	});
	t.deepEqual(find('hpcc_natural_ring', 8), {
		...{ pattern: 'hpcc_natural_ring', ...place, runs: 3, bytes: 8 },
		microseconds: 5,
		megabytesPerSecond: null,
	});
	t.deepEqual(find('hpcc_random_ring', 2_000_000), {
		...{ pattern: 'hpcc_random_ring', ...place, runs: 3, bytes: 2_000_000 },
		microseconds: null,
		megabytesPerSecond: 3000,
	});
});

test('the middle one of an odd number, the mean of two of an even one', (t) => {
	t.is(median([9, 1, 5]), 5);
	t.is(median([9, 1, 5, 2]), 3.5);
	t.true(Number.isNaN(median([])));
});

test('a run that is missing, or a figure, is an error', async (t) => {
	const without = (index: number) =>
		benchMpi(
			{ report },
			machine([], (outputs) => outputs.toSpliced(index, 1)),
		);
	await t.throwsAsync(without(1), {
		message:
			'expected the output of ping-pong, process_vm, 2 ranks, run 1, got ping-pong, copy_process, 2 ranks, run 1',
	});
	await t.throwsAsync(without(-1), { message: /^expected the output of hpcc, .*, got nothing$/ });
	const short = machine([], (outputs) =>
		outputs.map((output) => ({ ...output, messages: output.messages.slice(1) })),
	);
	await t.throwsAsync(benchMpi({ report }, short), { message: /: 0 figures, expected 1$/ });
	const failed = machine([], (outputs) =>
		outputs.map((output) => ({ ...output, hpcc: new Map([['Success', 0]]) })),
	);
	await t.throwsAsync(benchMpi({ report }, failed), { message: /Success is 0$/ });
});

test('a bench whose large messages did not go through the new calls fails', async (t) => {
	const unused = machine([], (outputs) => outputs.map((output) => ({ ...output, counts: [] })));
	await t.throwsAsync(benchMpi({ report, quick: true }, unused), {
		message:
			/^ping-pong on copy_\*_process, 2 ranks, run 1: copy_from_process and copy_to_process copied 0 bytes, the large messages have \d+$/,
	});
});

test('the tables have times, rates, and what is gained', async (t) => {
	const text = mpiTables(await benchMpi({ report }, machine()));
	const figures = ['131', '65.5', '32.8', '500', '1,000', '2,000', '2.000', '4.000'];
	t.deepEqual(rowsOf(text, 'ping-pong', '2', '64 KiB'), [figures]);
	t.deepEqual(rowsOf(text, 'natural ring', '4', '8 B'), [
		['9.00', '5.00', '3.00', '', '', '', '1.667', '3.000'],
	]);
	t.deepEqual(rowsOf(text, 'random ring', '2', '2000000 B'), [
		['', '', '', '2,500', '3,000', '4,000', '1.333', '1.600'],
	]);
	t.regex(
		text,
		/Median of 9 runs that took turns;\nwall-clock time in a guest .* emulates \(TCG\)/,
	);
	t.regex(text, /^Counted in 24 processes: copy_from_process was called 120 times/m);
});

test('the large message in a line', async (t) => {
	const given: PlanOptions[] = [];
	const line = largeMessageLine(await benchMpi({ report, quick: true }, machine(given)));
	t.regex(
		line,
		/^Open MPI, 2 MiB between 2 ranks, half a round trip \(median of 9; wall-clock time/,
	);
	t.true(
		line.endsWith(
			': shared memory 4,194 µs (500 MB/s), process_vm_* 2,097 µs (1,000 MB/s), copy_*_process 1,049 µs (2,000 MB/s)',
		),
		line,
	);
	t.is(given[0]?.plan.length, 3);
});

async function runCommand(t: ExecutionContext, ...words: string[]) {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const given: MpiBenchOptions[] = [];
	const plans: PlanOptions[] = [];
	const printed: string[] = [];
	const command = createMpiCommand({
		bench: (options) => {
			given.push(options);
			return benchMpi(options, machine(plans));
		},
		print: (line) => printed.push(line),
		report,
		interrupt: new AbortController().signal,
	});
	command.exitOverride().configureOutput({ writeErr: () => undefined });
	const json = path.join(directory, 'new/mpi.json');
	await command.parseAsync(['--json', json, ...words], { from: 'user' });
	return { given, plans, printed, json };
}

test('--json writes an array of objects', async (t) => {
	const { json, printed } = await runCommand(t);
	const rows: unknown = JSON.parse(await readFile(json, 'utf8'));
	t.true(Array.isArray(rows) && rows.length === 108);
	t.deepEqual(Array.isArray(rows) ? (rows[0] as unknown) : undefined, {
		...{ pattern: 'ping_pong', ranks: 2, mechanism: 'shared_memory', runs: 9, bytes: 8 },
		microseconds: 0.016,
		megabytesPerSecond: 500,
	});
	t.is(printed.length, 1);
});

test('a kernel of the user is taken, and the debug kernel has its limits', async (t) => {
	const own = await runCommand(t, '--quick', '--image', '/a', '--tree', '/c');
	t.like(own.given[0], { image: '/a', tree: '/c', kernel: 'release', quick: true });
	t.is(own.plans[0]?.debugChecks, false);
	const debug = await runCommand(t, '--quick', '--kernel', 'debug');
	t.is(debug.plans[0]?.debugChecks, true);
	await t.throwsAsync(runCommand(t, '--kernel', 'base'), { message: /release, debug/ });
});

test('rows of runs without any are none', (t) => {
	t.deepEqual(makeRows([], []), []);
});
