// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { guestScript, mpirunCommand } from '../src/bench/mpi/guest-script.js';
import { hpccInput } from '../src/bench/mpi/hpcc-input.js';
import { mechanisms } from '../src/bench/mpi/mechanisms.js';
import { fullPlan, quickPlan, type MpiRun } from '../src/bench/mpi/plan.js';

const programs = { pingPong: '/build/mpi-ping-pong', preload: "/it's here/preload.so" };

const base: MpiRun = {
	program: 'ping-pong',
	mechanism: 'copy_process',
	ranks: 2,
	run: 1,
	preload: 'copied',
	sizes: [8, 65536],
	rounds: 3,
};

const common =
	'mpirun.openmpi --allow-run-as-root --oversubscribe --bind-to none -np 2 --mca mpi_yield_when_idle 1 --mca pml ob1 --mca btl vader,self --mca btl_vader_single_copy_mechanism';

test('Open MPI is told the mechanism, and the ranks are given the library and its counts', (t) => {
	t.is(
		mpirunCommand(base, programs).join(' '),
		`${common} cma env LD_PRELOAD=/it's here/preload.so FASTIPC_COPY_COUNTS=/tmp/fastipc-mpi/counts /build/mpi-ping-pong 8,65536 3`,
	);
	t.is(
		mpirunCommand({ ...base, preload: 'probed' }, programs).join(' '),
		`${common} cma env LD_PRELOAD=/it's here/preload.so FASTIPC_COPY_COUNTS=/tmp/fastipc-mpi/counts FASTIPC_SYSCALL_NUMBERS= /build/mpi-ping-pong 8,65536 3`,
	);
	const { preload, ...plain } = base;
	t.is(preload, 'copied');
	t.is(
		mpirunCommand({ ...plain, program: 'hpcc', mechanism: 'shared_memory' }, programs).join(' '),
		`${common} none hpcc`,
	);
});

/** Runs a script in the guest's stead, with an `mpirun` that does as told. */
async function runScript(t: ExecutionContext, plan: readonly MpiRun[], mpirun: string) {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-mpi-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const file = path.join(directory, 'mpirun.openmpi');
	await writeFile(file, `#!/bin/sh\n${mpirun}\n`, { mode: 0o755 });
	const script = guestScript(plan, programs).replaceAll('/tmp/fastipc-mpi', directory);
	const { stdout, exitCode } = await execa('sh', ['-c', script], {
		env: { PATH: `${directory}:${process.env['PATH']}` },
		reject: false,
		lines: true,
	});
	return { lines: stdout, exitCode, directory };
}

test('the script runs everything in its order', async (t) => {
	const hpcc = { ...base, program: 'hpcc', sizes: [], ranks: 4 } as const;
	const mpirun = `printf '%s,' "$@"; echo; echo Success=1 >hpccoutf.txt; echo '{}' >counts`;
	const { lines, exitCode, directory } = await runScript(t, [base, hpcc], mpirun);
	t.is(exitCode, 0);
	const begin = { program: 'ping-pong', mechanism: 'copy_process', ranks: 2, run: 1 };
	t.is(lines[0], `begin ${JSON.stringify({ ...begin, preload: 'copied' })}`);
	t.true(lines[1]?.includes(",LD_PRELOAD=/it's here/preload.so,"), lines[1]);
	t.is(lines[2], '{}');
	t.is(
		lines[3],
		`begin ${JSON.stringify({ ...begin, program: 'hpcc', ranks: 4, preload: 'copied' })}`,
	);
	t.deepEqual(lines.slice(5), ['Success=1', '{}']);
	t.is(await readFile(path.join(directory, 'hpccinf.txt'), 'utf8'), hpccInput(4));
});

test('the script stops at the first failure, with its status', async (t) => {
	const { lines, exitCode } = await runScript(t, [base, base], 'exit 3');
	t.deepEqual([lines.length, exitCode], [1, 3]);
});

test("HPCC's input has as many processes as there are ranks", (t) => {
	for (const ranks of [2, 4]) {
		const lines = hpccInput(ranks).split('\n');
		const [rows, columns] = [lines[10], lines[11]].map((line) => Number.parseInt(line ?? '', 10));
		t.is((rows ?? 0) * (columns ?? 0), ranks);
		t.is(lines[31], '##### This line (no. 32) is ignored (it serves as a separator). ######');
	}
});

test('nine runs of each mechanism and number of ranks, which take turns', (t) => {
	const plan = fullPlan().filter(({ program, run }) => program === 'ping-pong' && run > 0);
	t.is(plan.length, 9 * 2 * 3);
	for (let index = 0; index < plan.length; index += 3) {
		const turn = plan.slice(index, index + 3);
		t.is(new Set(turn.map(({ mechanism }) => mechanism)).size, 3);
		t.is(new Set(turn.map(({ ranks, run }) => `${ranks} ${run}`)).size, 1);
	}
	const first = plan.filter((_, index) => index % 6 === 0);
	t.is(new Set(first.map(({ mechanism }) => mechanism)).size, 3, 'each is the first now and then');
	t.true(plan.every(({ sizes }) => sizes[0] === 8 && sizes.at(-1) === 4 << 20));
});

test('only copy_*_process has the library, and process_vm_* is probed once', (t) => {
	const plan = fullPlan();
	t.true(
		plan.every(
			({ mechanism, preload }) =>
				preload === 'probed' || (mechanism === 'copy_process') === (preload === 'copied'),
		),
	);
	t.is(plan.filter(({ preload }) => preload === 'probed').length, 1);
	t.deepEqual(
		quickPlan().map(({ mechanism, ranks, sizes }) => [mechanism, ranks, sizes[0]]),
		mechanisms.map((mechanism) => [mechanism, 2, 2 << 20]),
	);
});
