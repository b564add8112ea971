// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { formatBytes, formatCount } from '../copy/format.js';
import { writeWhole } from '../write-whole.js';
import type { benchDbus } from './bench-dbus.js';
import type { CallRow } from './calls.js';

interface CommandOptions {
	json?: string;
	image?: string;
	count: number;
	check: boolean;
}

/** What the command needs besides its options; the unit tests give their own. */
export interface DbusCommandSources {
	bench: typeof benchDbus;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
	/** Receives 1 where a limit is missed and that was to be checked. */
	exitWith: (status: number) => void;
}

/** The figures as text for a terminal. */
export function callsTable(rows: readonly CallRow[]): string {
	const table = new Table({
		head: ['bytes', 'AF_UNIX', 'AF_DBUS', '÷ AF_UNIX'],
		colAligns: ['right', 'right', 'right', 'right'],
		style: { head: [], border: [], compact: true },
	});
	for (const { bytes, unix, dbus, ratio, atMost, kept } of rows) {
		const limit = ` ≤ ${atMost.toFixed(2)} ${kept ? '✓' : '✗'}`;
		const counts = [formatCount(unix), formatCount(dbus)];
		table.push([formatBytes(bytes), ...counts, `${ratio.toFixed(3)}${limit}`]);
	}
	return [
		'Instructions of a method call through dbus-daemon, with its reply: kernel, daemon and both ends.',
		table.toString(),
	].join('\n');
}

function positiveInteger(word: string): number {
	const number = Number(word);
	if (!Number.isSafeInteger(number) || number < 1) {
		throw new InvalidArgumentError('a whole number from 1 on is expected.');
	}
	return number;
}

async function runDbusBench(
	{ json, image, count, check }: CommandOptions,
	{ bench, print, report, interrupt, exitWith }: DbusCommandSources,
): Promise<void> {
	const rows = await bench({ count, image, report, interrupt });
	print(callsTable(rows));
	if (json !== undefined) {
		await writeWhole(json, `${JSON.stringify(rows, undefined, '\t')}\n`);
		report.say(`figures: ${json}`);
	}
	if (check && !rows.every(({ kept }) => kept)) {
		exitWith(1);
	}
}

/** The command line `npm run bench -- dbus`. */
export function createDbusCommand(sources: DbusCommandSources): Command {
	return new Command('dbus')
		.description('method calls through dbus-daemon on AF_UNIX and on AF_DBUS, by instructions')
		.option('--json <file>', 'write the figures there, as an array of objects')
		.option('--image <file>', 'a bzImage with AF_DBUS of your own')
		.option('--count <number>', 'calls of each size', positiveInteger, 200)
		.option('--check', 'end with status 1 if a limit is missed', false)
		.action((options: CommandOptions) => runDbusBench(options, sources));
}
