// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError, Option } from 'commander';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { positiveInteger } from '../../positive-integer.js';
import { writeFigures } from '../write-figures.js';
import { writeWhole } from '../write-whole.js';
import type { benchCalls } from './bench-calls.js';
import type { benchDbus } from './bench-dbus.js';
import { callsTable } from './calls-table.js';
import { sizes } from './plan.js';
import { plotDbus } from './plot.js';
import {
	askedAs,
	clients,
	subjects,
	workloads,
	type Client,
	type Subject,
	type Workload,
} from './subjects.js';
import { dbusTables, describeJudgements } from './tables.js';

interface CommandOptions {
	json?: string;
	svg: string;
	check: boolean;
	image?: string;
	subject?: Subject[];
	client?: Client[];
	workload?: Workload[];
	bytes?: number[];
	withoutDirect: boolean;
	count: number;
}

/** What the command needs besides its options; the unit tests give their own. */
export interface DbusCommandSources {
	bench: typeof benchDbus;
	benchWithoutDirect: typeof benchCalls;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
	/** Receives 1 where a limit is missed and that was to be checked. */
	exitWith: (status: number) => void;
}

const defaultSvg = path.relative(
	process.cwd(),
	fileURLToPath(new URL('../../../../results/bench-dbus.svg', import.meta.url)),
);

function measuredSize(word: string, former: number[] = []): number[] {
	const found = sizes.find((size) => String(size) === word);
	if (found === undefined) {
		throw new InvalidArgumentError(`one of ${sizes.join(', ')} is expected.`);
	}
	return [...former, found];
}

/** The daemon's way on both kinds of sockets. */
async function runWithoutDirect(
	{ json, image, count, check }: CommandOptions,
	{ benchWithoutDirect, print, report, interrupt, exitWith }: DbusCommandSources,
): Promise<void> {
	const rows = await benchWithoutDirect({ count, image, report, interrupt });
	print(callsTable(rows));
	await writeFigures(json, rows, report);
	if (check && !rows.every(({ kept }) => kept)) {
		exitWith(1);
	}
}

async function runDbusBench(options: CommandOptions, sources: DbusCommandSources): Promise<void> {
	const { json, svg, check, image, subject, client, workload, bytes } = options;
	const { bench, print, report, interrupt, exitWith } = sources;
	const selection = { subjects: subject, clients: client, workloads: workload, bytes };
	const result = await bench({ selection, image, report, interrupt });
	print(dbusTables(result));
	print('');
	print(describeJudgements(result));
	await writeFigures(json, result.rows, report);
	await writeWhole(svg, await plotDbus(result.rows));
	report.say(`plot: ${svg}`);
	if (check && !result.judgements.every(({ kept }) => kept)) {
		exitWith(1);
	}
}

function choice(flags: string, description: string, choices: readonly string[]): Option {
	return new Option(flags, description).choices(choices);
}

/** The command line `npm run bench -- dbus`. */
export function createDbusCommand(sources: DbusCommandSources): Command {
	return new Command('dbus')
		.description('messages of D-Bus: without a daemon, on AF_DBUS, through the bus daemons')
		.option('--json <file>', 'write the figures there, as an array of objects')
		.option('--svg <file>', 'write a plot there', defaultSvg)
		.option('--image <file>', 'a bzImage with AF_DBUS of your own')
		.option('--check', 'end with status 1 if a limit is missed', false)
		.addOption(choice('--subject <names...>', 'only these ways', subjects))
		.addOption(choice('--client <names...>', 'only with these libraries', clients))
		.addOption(
			choice(
				'--workload <names...>',
				'only these messages',
				workloads.filter((workload) => askedAs(workload) === workload),
			),
		)
		.option('--bytes <sizes...>', 'only bodies of so many bytes', measuredSize)
		.option(
			'--without-direct',
			'instead, calls through dbus-daemon on AF_UNIX and on AF_DBUS, the kernel delivering nothing',
			false,
		)
		.option('--count <number>', 'with --without-direct: calls of each size', positiveInteger, 200)
		.action((options: CommandOptions) =>
			options.withoutDirect ? runWithoutDirect(options, sources) : runDbusBench(options, sources),
		);
}
