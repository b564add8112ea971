// SPDX-License-Identifier: GPL-2.0-only
import { UserError, type Reporter } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { formatCount } from '../bench/copy/format.js';
import { positiveInteger } from '../positive-integer.js';
import type { fuzz } from './fuzz.js';
import type { recordTraffic } from './record-traffic.js';
import type { FuzzResult } from './run-target.js';
import { fuzzTargets, type FuzzTarget } from './targets.js';

interface CommandOptions {
	seconds: number;
	executions?: number;
	target: FuzzTarget | 'all';
}

/** What the command needs besides its options; the unit tests give their own. */
export interface FuzzCommandSources {
	fuzz: typeof fuzz;
	record: typeof recordTraffic;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
}

/** How many of libdbus's verdicts were met, and how often the one on a valid message. */
function describeVerdicts({ verdicts }: FuzzResult): string {
	if (verdicts.size === 0) {
		return '';
	}
	const valid = verdicts.get('valid') ?? 0;
	const all = [...verdicts.values()].reduce((sum, count) => sum + count, 0);
	return `${verdicts.size} kinds, ${((100 * valid) / all).toFixed(0)} % valid`;
}

/** The results as text for a terminal. */
export function fuzzTable(results: readonly FuzzResult[]): string {
	const table = new Table({
		head: ['target', 'executions', 'per second', 'new inputs', "libdbus's verdicts", 'findings'],
		colAligns: ['left', 'right', 'right', 'right', 'left', 'right'],
		style: { head: [], border: [], compact: true },
	});
	for (const result of results) {
		table.push([
			result.target,
			formatCount(result.executions),
			formatCount(result.executions / result.seconds),
			formatCount(result.newInputs),
			describeVerdicts(result),
			result.finding === undefined ? '0' : '1',
		]);
	}
	return table.toString();
}

function describeFinding({ target, finding, complaint }: FuzzResult): string[] {
	if (finding === undefined) {
		return [];
	}
	return [
		`${target}: ${complaint ?? 'it failed'}`,
		`the input that did it is ${finding}; again: ${nativePath(`fuzz-${target}`)} ${finding}`,
	];
}

async function runFuzz(
	{ target, ...limits }: CommandOptions,
	{ fuzz: run, print, report, interrupt }: FuzzCommandSources,
): Promise<void> {
	const targets = target === 'all' ? fuzzTargets : [target];
	const results = await run({ ...limits, targets, report, interrupt });
	print(fuzzTable(results));
	const findings = results.flatMap(describeFinding);
	if (findings.length > 0) {
		throw new UserError(`there was a finding:\n${findings.join('\n')}`);
	}
}

const epilogue = `
The kernel's reader of D-Bus messages is compiled in user space. 'message' gives it each piece of a
stream in memory of exactly its size, cut anywhere, under AddressSanitizer and UBSan; 'differential'
compares its verdict, the header's fields and the arguments with libdbus's. Both begin with recorded
traffic, and get messages from a generator, half of them with one thing wrong.

Status 0: no finding. 1: there was one, or it could not run. What was learned stays in results/fuzz for the next run.`;

/** The command line `npm run fuzz`. */
export function createFuzzCommand(sources: FuzzCommandSources): Command {
	const command = new Command('npm run fuzz --')
		.description("Throws bytes at the kernel's reader of D-Bus messages, in user space")
		.showHelpAfterError()
		.option('--seconds <number>', 'how long each target runs', positiveInteger, 60)
		.option('--executions <number>', 'end earlier, after so many of each target', positiveInteger)
		.addOption(
			new Option('--target <name>', 'what the bytes are thrown at')
				.choices([...fuzzTargets, 'all'])
				.default('all'),
		)
		.addHelpText('after', epilogue)
		.action((options: CommandOptions) => runFuzz(options, sources));
	command
		.command('record')
		.description('record the traffic that fuzzing begins with anew, from Debian’s D-Bus programs')
		.action(async () => {
			sources.print(await sources.record(sources));
		});
	return command;
}
