// SPDX-License-Identifier: GPL-2.0-only
import {
	applySeries,
	createReporter,
	diffSeries,
	ensureProjectBase,
	exportSeries,
	findSeries,
	listSeries,
	type Reporter,
} from '@fastipc/kernel-patches';
import { Command } from 'commander';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from './kernel.js';
import { runCheck, type CheckOptions } from './series/check.js';
import { createMailCommand } from './series/mail.js';
import { describeBenches, setFigures } from './series/figures.js';

/** Receives each line of result. */
type Print = (line: string) => void;

function addList(command: Command, print: Print): void {
	command
		.command('list')
		.description('name each series, its patches and where it goes')
		.action(async () => {
			for (const { name, patches, title, lists, project } of await listSeries()) {
				print(`${name}: ${title} (${patches.length} patches, ${project}, ${lists.join(' ')})`);
				patches.forEach((patch) => {
					print(`  ${path.basename(patch)}`);
				});
			}
		});
}

/** What makes commits of mails, and mails of commits. */
function addWorkTree(command: Command, report: Reporter, print: Print): void {
	command
		.command('apply <series>')
		.description('make a git work tree with one commit a patch, and print where it is')
		.option('--force', 'throw away what was changed there and not exported')
		.action(async (name: string, { force = false }: { force?: boolean }) => {
			const series = await findSeries(name);
			const base = await ensureProjectBase(series, { report });
			print(await applySeries(base, series, { force, report }));
		});
	command
		.command('export <series>')
		.description('write the commits back as mails, and print which files changed')
		.action(async (name: string) => {
			const series = await findSeries(name);
			const base = await ensureProjectBase(series, { report });
			const changed = await exportSeries(base, series, { report });
			changed.forEach((line) => {
				print(line);
			});
		});
}

function addCheck(command: Command, report: Reporter, print: Print): void {
	command
		.command('check [series...]')
		.description('check what the lists expect of a series; without a name, of each')
		.option('--all', 'compile too, each patch and for other machines: hours, the first time')
		.option('--tree <dir>', 'a Linux git tree of yours instead of the pinned base')
		.action(async (names: string[], options: CheckOptions) => {
			await runCheck(names, options, report, print);
		});
}

function addDiff(command: Command, report: Reporter, print: Print): void {
	command
		.command('diff <series>')
		.description('show what changed in the code since a revision, as a diff of the kernel tree')
		.option('--against <revision>', 'a revision of this repository', 'HEAD')
		.action(async (name: string, { against }: { against: string }) => {
			const series = await findSeries(name);
			const base = await ensureProjectBase(series, { report });
			const difference = await diffSeries(base, series, against, report);
			if (difference !== '') {
				print(difference.trimEnd());
			}
		});
}

function addFigures(command: Command, print: Print): void {
	command
		.command('figures <series> <file>')
		.description("put the figures that the series' bench wrote into its cover letter")
		.addHelpText(
			'after',
			`\nWhat writes FILE:\n${describeBenches()}\nOther series have no figures.`,
		)
		.action(async (name: string, file: string) => {
			for (const written of await setFigures(await findSeries(name), file)) {
				print(`wrote ${written}`);
			}
		});
}

/**
 * The command line `npm run series -- …`.
 * @param print receives each line of result
 */
export function createSeriesCommand(print: Print): Command {
	const report = createReporter(process.stderr);
	const command = new Command('npm run series --')
		.description('The patch series as such: stored as mails, edited as commits')
		.showHelpAfterError();
	addList(command, print);
	addWorkTree(command, report, print);
	addCheck(command, report, print);
	command.addCommand(createMailCommand(report, print));
	addDiff(command, report, print);
	addFigures(command, print);
	return command;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
	await runCommandLine(
		createSeriesCommand((line) => {
			console.log(line);
		}),
	);
}
