// SPDX-License-Identifier: GPL-2.0-only
import { quoteCommand } from '@fastipc/qemu';
import { hpccInput } from './hpcc-input.js';
import { openMpiName } from './mechanisms.js';
import type { MpiRun } from './plan.js';

/** Paths of what is run in the guest. */
export interface GuestPrograms {
	pingPong: string;
	preload: string;
}

const directory = '/tmp/fastipc-mpi';
const counts = `${directory}/counts`;

/** HPCC's own names of the figures that are wanted, and of what says that they are good. */
const wantedLines =
	'^\\(Success\\|CommWorldProcs\\|[A-Za-z]*\\(Latency_usec\\|Bandwidth_GBytes\\)\\)=';

function preloadWords({ preload }: MpiRun, { preload: library }: GuestPrograms): string[] {
	if (preload === undefined) {
		return [];
	}
	// For the ranks only: mpirun itself is none of ours.
	const words = ['env', `LD_PRELOAD=${library}`, `FASTIPC_COPY_COUNTS=${counts}`];
	return preload === 'probed' ? [...words, 'FASTIPC_SYSCALL_NUMBERS='] : words;
}

/** `mpirun` with all its arguments. */
export function mpirunCommand(run: MpiRun, programs: GuestPrograms): string[] {
	const parameter = (name: string, value: string) => ['--mca', name, value];
	const program =
		run.program === 'hpcc' ? ['hpcc'] : [programs.pingPong, run.sizes.join(','), `${run.rounds}`];
	return [
		...['mpirun.openmpi', '--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'],
		...['-np', `${run.ranks}`],
		// A rank that waits and doesn't give way costs the other one its whole time slice, whenever the
		// two are on one processor: of the guest's, or of a busy host's.
		...parameter('mpi_yield_when_idle', '1'),
		...parameter('pml', 'ob1'),
		...parameter('btl', 'vader,self'),
		...parameter('btl_vader_single_copy_mechanism', openMpiName[run.mechanism]),
		...preloadWords(run, programs),
		...program,
	];
}

/** Lines of shell: what begins, the run, and what it left behind in files. */
function linesOf(run: MpiRun, programs: GuestPrograms): string[] {
	const { program, mechanism, ranks, run: number, preload } = run;
	const begin = JSON.stringify({ program, mechanism, ranks, run: number, preload });
	const input = ['printf', '%s', hpccInput(ranks)];
	return [
		quoteCommand(['echo', `begin ${begin}`]),
		...(program === 'hpcc' ? [`${quoteCommand(input)} >hpccinf.txt`] : []),
		`${quoteCommand(mpirunCommand(run, programs))} </dev/null`,
		...(program === 'hpcc'
			? [quoteCommand(['grep', wantedLines, 'hpccoutf.txt']), 'rm hpccoutf.txt']
			: []),
		...(preload === undefined ? [] : [`if [ -e ${counts} ]; then cat ${counts}; rm ${counts}; fi`]),
	];
}

/** The script that runs a plan in the guest, for `sh -c`. */
export function guestScript(plan: readonly MpiRun[], programs: GuestPrograms): string {
	return [
		'set -eu',
		`mkdir -p ${directory}`,
		`cd ${directory}`,
		...plan.flatMap((run) => linesOf(run, programs)),
	].join('\n');
}
