// SPDX-License-Identifier: GPL-2.0-only
import {
	cacheDirectory,
	createReporter,
	ensureKernel,
	functionsOfSeries,
	isChecked,
	UserError,
} from '@fastipc/kernel-patches';
import { buildNative, nativePath } from '@fastipc/native';
import { chooseAccelerator, endingStatus, gdbPort, runGuest } from '@fastipc/qemu';
import { CommanderError } from 'commander';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { abortOnSignals } from './interrupts.js';
import { parseVmArguments, type VmArguments } from './vm/arguments.js';
import { guestEnvironment } from './vm/environment.js';
import { makeLogDirectory } from './vm/log-directory.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

const reporter = createReporter(process.stderr);

function say(line: string): void {
	reporter.say(line);
}

/** What is booted, and what was made together with it. */
interface Kernel {
	image: string;
	syscallNumbers: string | undefined;
}

async function findKernel({ image, kernel, tree }: VmArguments): Promise<Kernel> {
	if (image === undefined) {
		return await ensureKernel(kernel, { tree, report: reporter });
	}
	if (!existsSync(image)) {
		throw new UserError(`--image ${image}: there is no such file`);
	}
	const numbers = path.resolve(path.dirname(image), 'syscall-numbers.json');
	return { image, syscallNumbers: existsSync(numbers) ? numbers : undefined };
}

function sayHowToAttach(image: string): void {
	const beside = path.join(path.dirname(image), 'vmlinux');
	const inTree = path.resolve(path.dirname(image), '../../../vmlinux');
	const symbols = [beside, inTree].find((file) => existsSync(file)) ?? 'VMLINUX';
	say(`the guest waits for gdb; in another terminal:`);
	say(`  gdb ${symbols} -ex 'target remote :${gdbPort}' -ex 'hbreak start_kernel' -ex continue`);
}

async function runVm(words: readonly string[]): Promise<number> {
	const given = parseVmArguments(words);
	const kernel = await findKernel(given);
	await buildNative();
	const accelerator = given.icount
		? 'tcg'
		: await chooseAccelerator({
				image: kernel.image,
				memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
				report: say,
			});
	if (given.gdb) {
		sayHowToAttach(kernel.image);
	}
	const result = await runGuest({
		image: kernel.image,
		init: nativePath('guest-init'),
		command: given.command.length > 0 ? given.command : ['bash', '-l'],
		cwd: process.cwd(),
		env: guestEnvironment({
			node: process.execPath,
			terminalType: process.env['TERM'],
			syscallNumbers: kernel.syscallNumbers,
			added: given.env,
		}),
		cpus: given.cpus,
		memoryMiB: given.memory,
		accelerator,
		icount: given.icount,
		debugChecks: isChecked(given.kernel),
		dataRacesOf: await functionsOfSeries(),
		shell: given.shell,
		gdb: given.gdb,
		append: given.append,
		timeoutSeconds: given.timeout,
		silenceSeconds: given.silence,
		keepVisible: [checkout, cacheDirectory(), process.execPath],
		logDirectory: given.logs ?? (await makeLogDirectory(path.join(checkout, 'results/vm'))),
		stdin: process.stdin,
		stdout: process.stdout,
		stderr: process.stderr,
		interrupt: abortOnSignals(),
		report: say,
	});
	const boot = result.bootSeconds?.toFixed(1);
	say(
		`${boot === undefined ? '' : `${boot} s until the command, `}${result.seconds.toFixed(1)} s in all`,
	);
	result.words.forEach(say);
	return result.status;
}

try {
	process.exitCode = await runVm(process.argv.slice(2));
} catch (error) {
	if (error instanceof CommanderError) {
		process.exitCode = error.exitCode === 0 ? 0 : endingStatus['QEMU died'];
	} else {
		say(error instanceof UserError ? error.message : inspect(error));
		process.exitCode = endingStatus['QEMU died'];
	}
}
