// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';
import { Command } from 'commander';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFigures } from '../write-figures.js';
import { writeWhole } from '../write-whole.js';
import { benchCopy } from './bench-copy.js';
import { plotCopy } from './plot.js';
import { copyTables, describeJudgements } from './tables.js';

interface CommandOptions {
	json?: string;
	svg: string;
	check: boolean;
	quick: boolean;
	image?: string;
	baseImage?: string;
	tree?: string;
}

/** What the command needs besides its options; the unit tests give their own. */
export interface CopyCommandSources {
	bench: typeof benchCopy;
	/** Receives each line of result. */
	print: (line: string) => void;
	report: Reporter;
	interrupt: AbortSignal;
	/** Receives 1 where a limit is missed and that was to be checked. */
	exitWith: (status: number) => void;
}

const defaultSvg = path.relative(
	process.cwd(),
	fileURLToPath(new URL('../../../../results/bench-copy.svg', import.meta.url)),
);

async function runCopyBench(options: CommandOptions, sources: CopyCommandSources): Promise<void> {
	const { json, svg, check, quick, image, baseImage, tree } = options;
	const { bench, print, report, interrupt, exitWith } = sources;
	const { rows, judgements } = await bench({
		quick,
		image,
		baseImage,
		tree,
		report,
		interrupt,
	});
	print(copyTables(rows));
	print('');
	print(describeJudgements(judgements));
	await writeFigures(json, rows, report);
	await writeWhole(svg, await plotCopy(rows));
	report.say(`plot: ${svg}`);
	if (check && !judgements.every(({ kept }) => kept)) {
		exitWith(1);
	}
}

/** The command line `npm run bench -- copy`. */
export function createCopyCommand(sources: CopyCommandSources): Command {
	return new Command('copy')
		.description('copying out of and into another process: the new calls and every other way')
		.option('--json <file>', 'write the figures there, as an array of objects')
		.option('--svg <file>', 'write a plot there', defaultSvg)
		.option('--check', 'end with status 1 if a limit is missed', false)
		.option('--quick', 'few sizes, small and huge pages only', false)
		.option('--image <file>', 'a bzImage of your own as the patched kernel')
		.option('--base-image <file>', 'a bzImage of your own as the unpatched kernel')
		.option('--tree <dir>', 'build both from this Linux git tree instead of the pinned base')
		.action((options: CommandOptions) => runCopyBench(options, sources));
}
