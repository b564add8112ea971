// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { Command } from 'commander';
import Table from 'cli-table3';
import { positiveInteger } from '../../positive-integer.js';
import { formatBytes, formatCount } from '../copy/format.js';
import { writeFigures } from '../write-figures.js';
import type { benchCallers } from './bench-callers.js';
import type { CallersRow } from './rates.js';

interface CommandOptions {
	json?: string;
	bytes: number;
	rounds: number;
	check: boolean;
}

/** What the command needs besides its options; the unit tests give their own. */
export interface CallersCommandSources {
	bench: typeof benchCallers;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
	/** Receives 1 where a limit is missed and that was to be checked. */
	exitWith: (status: number) => void;
}

/** The medians as text for a terminal. */
export function callersTable(rows: readonly CallersRow[]): string {
	const table = new Table({
		head: ['call', 'bytes', 'targets', 'MB/s', '÷ two targets'],
		colAligns: ['left', 'right', 'left', 'right', 'right'],
		style: { head: [], border: [], compact: true },
	});
	for (const { subject, bytes, arrangement, bytesPerSecond, ratio, atLeast, kept } of rows) {
		const limit = atLeast === null ? '' : ` ≥ ${atLeast.toFixed(2)} ${kept ? '✓' : '✗'}`;
		const rate = formatCount(bytesPerSecond / 1e6);
		table.push([subject, formatBytes(bytes), arrangement, rate, `${ratio.toFixed(3)}${limit}`]);
	}
	return [
		'What two callers copy together, each on a processor of its own, by the clock (median).',
		'Baseline: a target for each. On a busy machine the figures scatter.',
		table.toString(),
	].join('\n');
}

async function runCallersBench(
	{ json, bytes, rounds, check }: CommandOptions,
	{ bench, print, report, interrupt, exitWith }: CallersCommandSources,
): Promise<void> {
	const rows = await bench({ bytes, rounds, report, interrupt });
	print(callersTable(rows));
	await writeFigures(json, rows, report);
	if (check && !rows.every(({ kept }) => kept)) {
		exitWith(1);
	}
}

/** The command line `npm run bench -- callers`. */
export function createCallersCommand(sources: CallersCommandSources): Command {
	return new Command('callers')
		.description('two callers at once, with one target between them and with one each')
		.option('--json <file>', 'write the figures there, as an array of objects')
		.option('--bytes <number>', 'of one call', positiveInteger, 1024 * 1024)
		.option('--rounds <number>', 'of which the median is taken', positiveInteger, 9)
		.option('--check', 'end with status 1 if a limit is missed', false)
		.action((options: CommandOptions) => runCallersBench(options, sources));
}
