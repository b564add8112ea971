// SPDX-License-Identifier: GPL-2.0-only
import { kernelFlavours } from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

const optionsSchema = z
	.object({
		kernel: z.enum(kernelFlavours),
		image: z.string().optional(),
		tree: z.string().optional(),
		cpus: z.number().optional(),
		memory: z.number(),
		icount: z.boolean(),
		timeout: z.number().optional(),
		silence: z.number().optional(),
		env: z.record(z.string(), z.string()),
		shell: z.boolean(),
		gdb: z.boolean(),
		append: z.string().optional(),
		logs: z.string().optional(),
	})
	.transform((given) => ({ ...given, cpus: given.cpus ?? (given.icount ? 1 : 2) }));

/** What `npm run vm` was asked for. */
export type VmArguments = z.infer<typeof optionsSchema> & {
	/** The command and its arguments; empty only with `--shell`. */
	command: string[];
};

function parseWhole(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!Number.isInteger(value) || value < least || value > most) {
			throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
		}
		return value;
	};
}

function parseSeconds(text: string): number {
	const value = Number(text);
	// A timer of Node's can't wait longer than 2^31 ms.
	if (!/^\d+(\.\d+)?$/.test(text) || value > 2_000_000) {
		throw new InvalidArgumentError('It has to be a number of seconds from 0 to 2000000.');
	}
	return value;
}

function addVariable(text: string, former: Record<string, string>): Record<string, string> {
	const equals = text.indexOf('=');
	if (equals < 1) {
		throw new InvalidArgumentError('It has to be NAME=VALUE.');
	}
	return { ...former, [text.slice(0, equals)]: text.slice(equals + 1) };
}

const epilogue = `
The command runs as root. It sees this machine's files, read-only; /tmp, /var/tmp, /run, /dev/shm
and the home directories are writable and forgotten. Its status is passed through. Besides:
  120  the kernel did not boot            124  the time limit was over
  121  the kernel reported a problem,     125  QEMU, or this program, could not do its work
       or is tainted since                255  the guest went without a result
  122  the kernel panicked                126  the command could not be run
  123  there was no output for too long   127  the command was not found
  128 and a signal's number: that signal ended the command, or this program

Limits not given are made longer for a guest that is slower than one under KVM: 3 times under TCG,
another 3 times for the debug kernel, another 2 times with --icount.`;

/** The options of `npm run vm`, as its help tells them. */
export function describeProgram(): Command {
	return new Command('npm run vm --')
		.usage('[options] [--] COMMAND [ARGUMENT…]')
		.description('Boots a kernel in a virtual machine and runs a command in it.')
		.argument('[command...]')
		.passThroughOptions()
		.addOption(
			new Option('--kernel <flavour>', 'which kernel; base is the unpatched one, rt has PREEMPT_RT')
				.choices(kernelFlavours)
				.default('release'),
		)
		.option('--image <file>', 'a bzImage of your own instead; with --kernel debug for its limits')
		.option('--tree <directory>', 'build from this Linux git tree instead of the pinned one')
		.option('--cpus <n>', 'processors, 1 to 16 (default: 2; 1 with --icount)', parseWhole(1, 16))
		.option('--memory <MiB>', 'memory', parseWhole(128, 1 << 20), 2048)
		.option('--icount', "the guest's clock counts instructions, 1 ns each", false)
		.option('--timeout <s>', 'time limit from the start of QEMU on (default: none)', parseSeconds)
		.option('--silence <s>', 'limit without output, 0: none (default: 100, × 3…)', parseSeconds)
		.option('--env <name=value>', 'a variable for the command; repeatable', addVariable, {})
		.option('--shell', 'a terminal: for COMMAND, or else for bash', false)
		.option('--gdb', 'wait for gdb before the first instruction', false)
		.option('--append <parameters>', 'more parameters for the kernel')
		.option('--logs <directory>', 'where console.log goes (default: results/vm/…)')
		.addHelpText('after', epilogue);
}

/**
 * Reads the arguments of `npm run vm`. What follows the first word that isn't an option belongs to
 * the command.
 * @param words without node and the script
 * @throws CommanderError after writing what is wrong to stderr, or the help to stdout (exitCode 0)
 */
export function parseVmArguments(words: readonly string[]): VmArguments {
	const program = describeProgram().exitOverride();
	program.parse(words, { from: 'user' });
	const options = optionsSchema.parse(program.opts());
	if (program.args.length === 0 && !options.shell) {
		program.error("error: no COMMAND given; for a terminal say '--shell'");
	}
	if (options.icount && options.cpus !== 1) {
		program.error(`error: --icount needs --cpus 1, got --cpus ${options.cpus}`);
	}
	return { ...options, command: program.args };
}
