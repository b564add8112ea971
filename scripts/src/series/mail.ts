// SPDX-License-Identifier: GPL-2.0-only
import {
	ensureProjectBase,
	findSeries,
	mailSeries,
	parseSender,
	type Reporter,
} from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError } from 'commander';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface MailArguments {
	from: string;
	version: number;
	rfc: boolean;
	out?: string;
	assistedBy: string[];
	tree?: string;
}

const results = fileURLToPath(new URL('../../../results', import.meta.url));

function parseVersion(text: string): number {
	if (!/^[1-9]\d{0,2}$/.test(text)) {
		throw new InvalidArgumentError('expected a number from 1.');
	}
	return Number(text);
}

/** Collects what --assisted-by names. */
function parseTools(text: string, before: string[]): string[] {
	const tool = text.replace(/^Assisted-by:\s*/i, '').trim();
	if (tool === '' || /[\n\r]/.test(tool)) {
		throw new InvalidArgumentError('expected names of tools, in one line.');
	}
	return [...before, tool];
}

const explanation = `
Nothing is sent: the commands that send the mails, and that remember afterwards what was sent, are
printed. From version 2 on, changes.md beside the patches has to say what changed, below "## vN",
and the tag that was made for the version before is needed.

What --assisted-by names becomes a line "Assisted-by: ..." of each patch and of the cover letter. The
kernel wants to hear of coding assistants (Documentation/process/coding-assistants.rst), in v7.3 as
"LLM [TOOL1] [TOOL2]", for example "LLM coccinelle sparse": the tools are those for analysis, without
basic ones such as git, gcc, make and editors.
`;

/**
 * The command line `npm run series -- mail …`.
 * @param print receives each line of result
 */
export function createMailCommand(report: Reporter, print: (line: string) => void): Command {
	return new Command('mail')
		.argument('<series>')
		.description('make a folder of mails, ready for git send-email; nothing is sent')
		.requiredOption('--from <name and address>', 'who mails and signs off: "Name <address>"')
		.option('--version <n>', 'which version of the series it is', parseVersion, 1)
		.option('--rfc', 'ask for comments only', false)
		.option('--out <dir>', 'the folder to make (default: results/mail/SERIES-vN)')
		.option('--assisted-by <tools>', 'which tools helped; may be repeated', parseTools, [])
		.option('--tree <dir>', 'a Linux git tree of yours instead of the pinned base')
		.addHelpText('after', explanation)
		.action(async (name: string, given: MailArguments) => {
			const { from, version, rfc, assistedBy, tree } = given;
			const sender = parseSender(from);
			const out = path.resolve(given.out ?? path.join(results, 'mail', `${name}-v${version}`));
			const series = await findSeries(name);
			const options = { sender, version, rfc, out, assistedBy };
			const source = await ensureProjectBase(series, { tree, report });
			const { names, commands } = await mailSeries(source, series, options, report);
			[...names.map((each) => path.join(out, each)), '', ...commands].forEach((line) => {
				print(line);
			});
		});
}
