// SPDX-License-Identifier: GPL-2.0-only
import { createReporter } from '@fastipc/kernel-patches';
import { Command } from 'commander';
import { benchCallers } from './bench/callers/bench-callers.js';
import { createCallersCommand } from './bench/callers/command.js';
import { benchCopy } from './bench/copy/bench-copy.js';
import { createCopyCommand } from './bench/copy/command.js';
import { benchCalls } from './bench/dbus/bench-calls.js';
import { benchDbus } from './bench/dbus/bench-dbus.js';
import { createDbusCommand } from './bench/dbus/command.js';
import { benchMpi } from './bench/mpi/bench-mpi.js';
import { createMpiCommand } from './bench/mpi/command.js';
import { abortOnSignals } from './interrupts.js';
import { runCommandLine } from './kernel.js';

/** The command line `npm run bench -- …`: a command for each thing that is measured. */
function createBenchCommand(): Command {
	const everyBench = {
		print: console.log,
		report: createReporter(process.stderr),
		interrupt: abortOnSignals(),
		exitWith: (status: number) => {
			process.exitCode = status;
		},
	};
	return new Command('npm run bench --')
		.description('Measures in virtual machines; counts of instructions, and time where KVM works')
		.showHelpAfterError()
		.addCommand(createCopyCommand({ ...everyBench, bench: benchCopy }))
		.addCommand(createCallersCommand({ ...everyBench, bench: benchCallers }))
		.addCommand(
			createDbusCommand({ ...everyBench, bench: benchDbus, benchWithoutDirect: benchCalls }),
		)
		.addCommand(createMpiCommand({ ...everyBench, bench: benchMpi }));
}

await runCommandLine(createBenchCommand());
