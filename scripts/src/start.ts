// SPDX-License-Identifier: GPL-2.0-only
// `npm start`: everything from a fresh checkout to the calls at work and what they cost.
import {
	cacheDirectory,
	createReporter,
	ensureKernel,
	UserError,
	type KernelImage,
} from '@fastipc/kernel-patches';
import { demonstrationCommand } from '@fastipc/ltp-style-tests';
import { buildBusClient, buildNative, nativePath } from '@fastipc/native';
import { chooseAccelerator, runGuest } from '@fastipc/qemu';
import { Command } from 'commander';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { benchCopy } from './bench/copy/bench-copy.js';
import { describeJudgements, shortCopyTable } from './bench/copy/tables.js';
import { benchDbus } from './bench/dbus/bench-dbus.js';
import { callLine } from './bench/dbus/tables.js';
import { benchMpi } from './bench/mpi/bench-mpi.js';
import { largeMessageLine } from './bench/mpi/tables.js';
import { abortOnSignals } from './interrupts.js';
import { runCommandLine } from './kernel.js';
import { compileAll } from './test/host-stage.js';
import { guestEnvironment } from './vm/environment.js';
import { makeLogDirectory } from './vm/log-directory.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const report = createReporter(process.stderr);
const interrupt = abortOnSignals();

const say = (line: string) => {
	report.say(line);
};

async function compile(directory: string): Promise<void> {
	const errors = await compileAll(checkout, { directory, match: undefined, interrupt, say });
	if (errors !== undefined) {
		throw new UserError(`tsc --build failed:\n${errors}`);
	}
	await buildNative();
	await buildBusClient();
}

/** Two processes in a guest copy out of and into each other. */
async function demonstrate(kernel: KernelImage, directory: string): Promise<void> {
	const accelerator = await chooseAccelerator({
		image: kernel.image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: say,
	});
	process.stdout.write(`\nTwo processes in a guest that runs Linux ${kernel.release}:\n`);
	const result = await runGuest({
		image: kernel.image,
		init: nativePath('guest-init'),
		command: demonstrationCommand(),
		cwd: checkout,
		env: guestEnvironment({
			node: process.execPath,
			terminalType: undefined,
			syscallNumbers: kernel.syscallNumbers,
			added: {},
		}),
		cpus: 2,
		memoryMiB: 2048,
		accelerator,
		keepVisible: [checkout, cacheDirectory(), process.execPath],
		logDirectory: path.join(directory, 'demonstration'),
		stdout: process.stdout,
		stderr: process.stderr,
		interrupt,
		report: say,
	});
	if (result.status !== 0) {
		const words = [`the demonstration ended with status ${result.status}`, ...result.words];
		throw new UserError(`${words.join('\n')}\nthe full log is ${result.consoleLog}`);
	}
}

async function measure(): Promise<void> {
	const { rows, judgements } = await benchCopy({ quick: true, report, interrupt });
	process.stdout.write(`\n${shortCopyTable(rows)}\n${describeJudgements(judgements)}\n`);
	if (!judgements.every(({ kept }) => kept)) {
		process.exitCode = 1;
	}
}

/** What the kernel saves a method call, where it delivers messages itself. */
async function measureBus(): Promise<void> {
	const selection = {
		subjects: ['AF_DBUS', 'dbus-daemon'] as const,
		clients: ['sd-bus'] as const,
		workloads: ['call'] as const,
		bytes: [64],
	};
	const result = await benchDbus({ selection, report, interrupt });
	if (!result.direct) {
		say('this kernel delivers no messages of D-Bus itself, so there is no ratio to show');
		return;
	}
	process.stdout.write(`\n${callLine(result)}\n`);
	if (!result.judgements.every(({ kept }) => kept)) {
		process.exitCode = 1;
	}
}

/** A large message of a program that nobody here wrote, on the new calls. */
async function measureMpi(): Promise<void> {
	const result = await benchMpi({ quick: true, report, interrupt });
	process.stdout.write(`\n${largeMessageLine(result)}\n${result.use}\n`);
}

async function start(): Promise<void> {
	const directory = await makeLogDirectory(path.join(checkout, 'results/start'));
	await compile(directory);
	const kernel = await ensureKernel('release', { report });
	await demonstrate(kernel, directory);
	await measure();
	await measureBus();
	await measureMpi();
}

await runCommandLine(
	new Command('npm start --')
		.description(
			'Builds the kernel from a fresh checkout, boots it, shows the calls at work and what they cost',
		)
		.showHelpAfterError()
		.action(start),
);
