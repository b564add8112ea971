// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { BuildPlan } from './build-plan.js';
import { readIfPresent, requireSpace } from './files.js';
import { hasModules } from './fragments.js';
import {
	countDryRunObjects,
	extractErrors,
	isObjectLine,
	parseCompilerCacheLog,
	type CompilerCacheCounts,
} from './make-output.js';
import type { Reporter } from './reporter.js';
import { formatCommand, tryRun } from './run.js';
import { buildEnvironment, jobCount, makeArguments } from './toolchain.js';
import { UserError } from './user-error.js';

/** The objects of a kernel with all the checkers, in bytes. */
const objectsSpace = 2e9;

/** What a compilation came to. */
export interface CompileResult {
	/** Objects compiled, whether by the compiler or out of ccache. */
	objects: number;
	ccache: CompilerCacheCounts;
	/** make's full log. */
	log: string;
}

/** How make is run. */
export interface Compilation {
	arguments: string[];
	environment: NodeJS.ProcessEnv;
	log: string;
	report: Reporter;
}

/**
 * Runs make, its output going to the log.
 * @param flags whether the log is begun anew or goes on
 * @throws UserError with the error lines and the log's path if it fails
 */
export async function make(
	{ arguments: base, environment, log, report }: Compilation,
	target: string,
	flags: 'w' | 'a',
	onLine: (line: string) => void,
): Promise<void> {
	const args = [...base, target];
	report.say(`running ${formatCommand('make', args)} (log: ${log})`);
	const file = createWriteStream(log, { flags });
	const subprocess = execa('make', args, {
		all: true,
		buffer: false,
		env: environment,
		extendEnv: false,
		reject: false,
		stdin: 'ignore',
	});
	for await (const line of subprocess.iterable({ from: 'all' })) {
		file.write(`${line}\n`);
		onLine(line);
	}
	const result = await subprocess;
	file.end();
	await finished(file);
	if (result.failed) {
		throw await makeError(target, log);
	}
}

async function makeError(target: string, log: string): Promise<UserError> {
	const text = await readFile(log, 'utf8');
	const errors = extractErrors(text);
	const shown = errors.length > 0 ? errors : text.trimEnd().split('\n').slice(-20);
	return new UserError(
		`make ${target} failed:\n${shown.map((line) => `    ${line}`).join('\n')}\nThe full log: ${log}`,
	);
}

/**
 * How many objects make has to compile, from a dry run: it takes seconds where the build takes
 * minutes, and it is as right for a tree of which a few files changed as for a new one. A few
 * objects whose sources are generated on the way are not in it.
 */
async function countObjects({ arguments: args, environment }: Compilation): Promise<number> {
	// Some targets need files that the build makes on the way, so a dry run ends with a failure.
	const dryRun = await tryRun('make', ['--dry-run', '--keep-going', ...args, 'bzImage'], {
		env: environment,
	});
	return Math.max(1, countDryRunObjects(dryRun.stdout));
}

/** What is to be made, in order: a module is linked against the symbols of the whole kernel. */
function targets({ requested }: BuildPlan): string[] {
	return hasModules(requested) ? ['bzImage', 'modules'] : ['bzImage'];
}

async function compile(plan: BuildPlan, compilation: Compilation): Promise<number> {
	let objects = 0;
	const count = (line: string): void => {
		objects += isObjectLine(line) ? 1 : 0;
	};
	await make(compilation, 'prepare', 'w', count);
	const total = objects + (await countObjects(compilation));
	const label = `building ${plan.flavour}`;
	const progress = compilation.report.progress({ label, unit: 'objects', total, about: true });
	try {
		for (const target of targets(plan)) {
			await make(compilation, target, 'a', (line) => {
				count(line);
				progress.update(objects);
			});
		}
	} finally {
		progress.stop();
	}
	return objects;
}

/**
 * Compiles the configured kernel in the plan's folders, with progress.
 * @throws UserError with the compiler's errors and the path of the full log
 */
export async function compileKernel(plan: BuildPlan, report: Reporter): Promise<CompileResult> {
	await requireSpace(plan.directory, objectsSpace, `building ${plan.flavour}`);
	const log = path.join(plan.directory, 'build.log');
	const statsLog = path.join(plan.directory, 'ccache.log');
	await rm(statsLog, { force: true });
	const environment = buildEnvironment(statsLog);
	// Each target's output in one piece, so that an error is not torn apart by another job's lines.
	const options = [`--jobs=${jobCount()}`, '--output-sync=target'];
	const args = [...options, ...makeArguments(plan.tree, plan.objects, plan.toolchain)];
	const objects = await compile(plan, { arguments: args, environment, log, report });
	const ccache = parseCompilerCacheLog((await readIfPresent(statsLog)) ?? '');
	return { objects, ccache, log };
}
