// SPDX-License-Identifier: GPL-2.0-only
import {
	applyKernel,
	architectures,
	configKernel,
	createReporter,
	crossCompile,
	ensureKernel,
	everydayFlavours,
	fetchKernel,
	fetchOtherKernel,
	kernelFlavours,
	UserError,
	type Architecture,
	type CrossResult,
	type KernelFlavour,
	type KernelOptions,
	type Reporter,
} from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError, Option } from 'commander';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the verbs do; the unit test passes its own. */
export interface KernelStages {
	fetch: typeof fetchKernel;
	fetchOther: typeof fetchOtherKernel;
	apply: typeof applyKernel;
	config: typeof configKernel;
	build: typeof ensureKernel;
	cross: typeof crossCompile;
}

const stages: KernelStages = {
	fetch: fetchKernel,
	fetchOther: fetchOtherKernel,
	apply: applyKernel,
	config: configKernel,
	build: ensureKernel,
	cross: crossCompile,
};

interface CommandOptions {
	kernel: KernelFlavour[];
	tree?: string;
}

function parseMinor(value: string): string {
	if (!/^\d+\.\d+$/.test(value)) {
		throw new InvalidArgumentError('expected a version such as 7.2.');
	}
	return value;
}

/**
 * Reads the value of --kernel.
 * @throws InvalidArgumentError with the names that there are, which commander tells with the option's
 */
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

/**
 * Reads the value of --arch: names with commas in between.
 * @throws InvalidArgumentError with the names that there are, which commander tells with the option's
 */
export function parseArchitectures(value: string): Architecture[] {
	return value.split(',').flatMap((name) => {
		const found = architectures.filter((each) => name === 'all' || name === each.name);
		if (found.length === 0) {
			const names = architectures.map((each) => each.name).join(', ');
			throw new InvalidArgumentError(`expected ${names} or all, got '${name}'.`);
		}
		return found;
	});
}

/** A line of result, and a line for each thing that is wrong. */
export function describeCross(result: CrossResult): string[] {
	const { architecture, variant, objects, problems, cached } = result;
	const ending = problems.length > 0 ? 'FAILED' : cached ? 'good (found out earlier)' : 'good';
	return [
		`${architecture.name} ${variant.description}: ${objects.length} objects, ${ending}`,
		...problems.map(({ file, line, message }) => {
			const position = file === undefined ? '' : `${file}:${line === undefined ? '' : `${line}:`} `;
			return `  ${position}${message.replaceAll('\n', '\n  ')}`;
		}),
	];
}

/** Compiles for other machines; a failure of one doesn't keep the others from being tried. */
async function runCross(
	{ cross }: KernelStages,
	chosen: readonly Architecture[],
	options: KernelOptions,
	print: (line: string) => void,
): Promise<void> {
	let failures = 0;
	await cross(chosen, options, (result) => {
		failures += result.problems.length > 0 ? 1 : 0;
		describeCross(result).forEach((line) => {
			print(line);
		});
	});
	if (failures > 0) {
		throw new UserError(`${failures} of the compilations for other machines failed (above)`);
	}
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

const stageDescriptions = {
	apply: 'apply the patch series and check the result out',
	config: 'make the .config and check it against the fragments',
	build: 'build the kernel, with progress; finished ones come out of the cache',
} as const;

function addStage(
	command: Command,
	stage: keyof typeof stageDescriptions,
	stagesToRun: KernelStages,
	report: Reporter,
	print: (line: string) => void,
): void {
	command
		.command(stage)
		.description(stageDescriptions[stage])
		.addOption(
			new Option(
				'--kernel <name>',
				'release (every series), debug (with the checkers), base (unpatched), all (these three), rt (PREEMPT_RT), kcsan (which finds data races) or module (AF_DBUS as one)',
			)
				.argParser(parseFlavours)
				.default(['release'] satisfies KernelFlavour[], 'release'),
		)
		.option('--tree <dir>', 'a Linux git tree of yours instead of the pinned base')
		.action(async ({ kernel, tree }: CommandOptions) => {
			const results = await runStage(stage, stagesToRun, kernel, { tree, report });
			results.forEach((result) => {
				print(result);
			});
		});
}

function addCross(
	command: Command,
	stagesToRun: KernelStages,
	report: Reporter,
	print: (line: string) => void,
): void {
	command
		.command('cross')
		.description('compile what the series touch for other machines, with the options on and off')
		.addOption(
			new Option('--arch <names>', `${architectures.map(({ name }) => name).join(',')} or all`)
				.argParser(parseArchitectures)
				.default([...architectures], 'all'),
		)
		.option('--tree <dir>', 'a Linux git tree of yours instead of the pinned base')
		.action(async ({ arch, tree }: { arch: Architecture[]; tree?: string }) => {
			await runCross(stagesToRun, arch, { tree, report }, print);
		});
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
	const command = new Command('npm run kernel --')
		.description('The stages that make a kernel, each alone (with those it needs before it)')
		.showHelpAfterError();
	command
		.command('fetch')
		.description('fetch the sources, verify them, and make a git repository of them')
		.option('--tree <dir>', 'check a Linux git tree of yours instead')
		.addOption(
			new Option('--other <version>', 'instead the newest such Linux that Debian has, such as 7.2')
				.argParser(parseMinor)
				.conflicts('tree'),
		)
		.action(async ({ tree, other }: { tree?: string; other?: string }) => {
			const source = await (other === undefined
				? stagesToRun.fetch({ tree, report })
				: stagesToRun.fetchOther(other, { report }));
			print(source.repository);
		});
	for (const stage of ['apply', 'config', 'build'] as const) {
		addStage(command, stage, stagesToRun, report, print);
	}
	addCross(command, stagesToRun, report, print);
	return command;
}

/**
 * Runs a command line; a failure whose cause is known is one message and exit status 1.
 * @throws what is no UserError: a mistake in here, with its stack
 */
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
