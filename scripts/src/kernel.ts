// SPDX-License-Identifier: GPL-2.0-only
import {
	applyKernel,
	configKernel,
	createReporter,
	ensureKernel,
	fetchKernel,
	kernelFlavours,
	everydayFlavours,
	UserError,
	type KernelFlavour,
	type KernelOptions,
} from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError } from 'commander';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the verbs do; the unit test passes its own. */
export interface KernelStages {
	fetch: typeof fetchKernel;
	apply: typeof applyKernel;
	config: typeof configKernel;
	build: typeof ensureKernel;
}

const stages: KernelStages = {
	fetch: fetchKernel,
	apply: applyKernel,
	config: configKernel,
	build: ensureKernel,
};

interface CommandOptions {
	kernel: KernelFlavour[];
	tree?: string;
}

/** Reads the value of --kernel. */
export function parseFlavours(value: string): KernelFlavour[] {
	if (value === 'all') {
		return [...everydayFlavours];
	}
	const found = kernelFlavours.filter((flavour) => value === flavour);
	if (found.length === 0) {
		throw new InvalidArgumentError(`expected ${kernelFlavours.join(', ')} or all.`);
	}
	return found;
}

/** One stage, for each flavour asked for; returns a line of result for each. */
async function runStage(
	stage: 'apply' | 'build' | 'config',
	{ apply, build, config }: KernelStages,
	flavours: readonly KernelFlavour[],
	options: KernelOptions,
): Promise<string[]> {
	const results: string[] = [];
	for (const flavour of flavours) {
		const result =
			stage === 'build'
				? (await build(flavour, options)).image
				: await (stage === 'apply' ? apply : config)(flavour, options);
		results.push(result);
	}
	return results;
}

/**
 * The command line `npm run kernel -- …`.
 * @param print receives each line of result
 */
export function createKernelCommand(
	print: (line: string) => void,
	stagesToRun: KernelStages = stages,
): Command {
	const report = createReporter(process.stderr);
	const command = new Command('kernel')
		.description('The stages that make a kernel, each alone (with those it needs before it)')
		.showHelpAfterError();
	command
		.command('fetch')
		.description('fetch the sources, verify them, and make a git repository of them')
		.option('--tree <dir>', 'check a Linux git tree of yours instead')
		.action(async ({ tree }: { tree?: string }) => {
			print((await stagesToRun.fetch({ tree, report })).repository);
		});
	const descriptions = {
		apply: 'apply the patch series and check the result out',
		config: 'make the .config and check it against the fragments',
		build: 'build the kernel, with progress; finished ones come out of the cache',
	} as const;
	for (const stage of ['apply', 'config', 'build'] as const) {
		command
			.command(stage)
			.description(descriptions[stage])
			.option(
				'--kernel <name>',
				'release (every series), debug (with the checkers), base (unpatched), all (these three) or rt (PREEMPT_RT)',
				parseFlavours,
				['release'] satisfies KernelFlavour[],
			)
			.option('--tree <dir>', 'a Linux git tree of yours instead of the pinned base')
			.action(async ({ kernel, tree }: CommandOptions) => {
				const results = await runStage(stage, stagesToRun, kernel, { tree, report });
				results.forEach((result) => {
					print(result);
				});
			});
	}
	return command;
}

/** Runs a command line; a failure whose cause is known is one message and exit status 1. */
export async function runCommandLine(command: Command): Promise<void> {
	try {
		await command.parseAsync();
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}
		process.stderr.write(`fastipc: ${error.message}\n`);
		process.exitCode = 1;
	}
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
	await runCommandLine(
		createKernelCommand((line) => {
			console.log(line);
		}),
	);
}
