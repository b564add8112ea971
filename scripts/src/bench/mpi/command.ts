// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { Command, Option } from 'commander';
import { writeFigures } from '../write-figures.js';
import type { benchMpi } from './bench-mpi.js';
import type { MpiBenchOptions } from './options.js';
import { mpiTables } from './tables.js';

interface CommandOptions {
	json?: string;
	quick: boolean;
	kernel: 'release' | 'debug';
	image?: string;
	tree?: string;
}

/** What the command needs besides its options; the unit tests give their own. */
export interface MpiCommandSources {
	bench: (options: MpiBenchOptions) => ReturnType<typeof benchMpi>;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
}

async function runMpiBench(
	{ json, ...options }: CommandOptions,
	{ bench, print, report, interrupt }: MpiCommandSources,
): Promise<void> {
	const result = await bench({ ...options, report, interrupt });
	print(mpiTables(result));
	await writeFigures(json, result.rows, report);
}

const epilogue = `
Open MPI's shared-memory transport (btl vader) gets large messages to another rank through shared
memory, by process_vm_readv(), or by copy_from_process(), which a preloaded library
(native/src/libprocess-vm-preload.c) calls in its place. The bench fails unless the library's counts
show that the large messages were copied so.

The figures are wall-clock time. JSON: pattern (ping_pong, or HPCC's hpcc_ping_pong,
hpcc_natural_ring, hpcc_random_ring), ranks, bytes, mechanism (shared_memory, process_vm,
copy_process), runs (of which the median was taken), microseconds (half a round trip; null where not
measured), megabytesPerSecond (10^6 bytes; null where not measured).`;

/** The command line `npm run bench -- mpi`. */
export function createMpiCommand(sources: MpiCommandSources): Command {
	return new Command('mpi')
		.description("Open MPI's ping-pong and HPCC: shared memory, process_vm_*, copy_*_process")
		.option('--json <file>', 'write the figures there, as an array of objects')
		.option('--quick', 'a message of 2 MiB between two ranks only', false)
		.addOption(
			new Option('--kernel <name>', 'the patched kernel, or the one with the checkers')
				.choices(['release', 'debug'])
				.default('release'),
		)
		.option('--image <file>', 'a bzImage of your own instead; with --kernel debug for its limits')
		.option('--tree <dir>', 'build from this Linux git tree instead of the pinned base')
		.addHelpText('after', epilogue)
		.action((options: CommandOptions) => runMpiBench(options, sources));
}
