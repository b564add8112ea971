// SPDX-License-Identifier: GPL-2.0-only
import { kernelFlavours } from '@fastipc/kernel-patches';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

const optionsSchema = z.object({
	kernel: z.enum([...kernelFlavours, 'all']).optional(),
	hostOnly: z.boolean(),
	image: z.string().optional(),
	match: z.string().optional(),
	races: z.number().optional(),
	storm: z.number().optional(),
	dbusTests: z.boolean().optional(),
});

/** What `npm test` was asked for. */
export type TestArguments = z.infer<typeof optionsSchema>;

/** A day: whoever wants more runs it again. */
const longestRace = 86_400;

/** The selftest gives up after an hour, which is to be enough for its end too. */
const longestStorm = 3000;

/** Reads how long something is to take. */
function parseSecondsTo(longest: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!/^\d+$/.test(text) || value < 1 || value > longest) {
			throw new InvalidArgumentError(
				`It has to be a whole number of seconds from 1 to ${longest}.`,
			);
		}
		return value;
	};
}

/**
 * Reads the arguments of `npm test`.
 * @param words without node and the script
 * @throws CommanderError after writing what is wrong to stderr, or the help to stdout (exitCode 0)
 */
export function parseTestArguments(words: readonly string[]): TestArguments {
	const program = new Command('npm test --')
		.usage('[options]')
		.description("Runs the host's unit tests, then what the kernel must do, in virtual machines.")
		.addOption(
			new Option(
				'--kernel <flavour>',
				'a kernel to test wholly; all are release, debug and base; without it, of the debug kernel only what is quick',
			).choices([...kernelFlavours, 'all']),
		)
		.option('--host-only', 'only the unit tests, which need no kernel', false)
		.option('--image <file>', 'a bzImage of your own instead; --kernel says what it is')
		.option('--match <pattern>', 'only tests with such a title; * stands for anything')
		.option(
			'--races <s>',
			'instead of all else, each race for so long, on the release and the debug kernel',
			parseSecondsTo(longestRace),
		)
		.option(
			'--storm <s>',
			'instead of all else, eight clients of AF_DBUS that call each other at random for so long, on two processors, on the debug and the kcsan kernel or the one named',
			parseSecondsTo(longestStorm),
		)
		.option(
			'--dbus-tests',
			"instead of all else, Debian's dbus-tests on AF_UNIX and on AF_DBUS, on the release kernel or the one named",
		)
		.exitOverride();
	program.parse(words, { from: 'user' });
	const options = optionsSchema.parse(program.opts());
	if (options.image !== undefined && (options.kernel ?? 'all') === 'all') {
		const names = kernelFlavours.join(', ');
		program.error(`error: --image needs --kernel with one of ${names}, to say what it is`);
	}
	if (options.races !== undefined && (options.hostOnly || options.kernel === 'base')) {
		const other = options.hostOnly ? '--host-only' : '--kernel base';
		program.error(`error: --races and ${other} exclude each other: races need the calls`);
	}
	const noDbus = options.hostOnly || options.kernel === 'base' || options.races !== undefined;
	if (options.dbusTests === true && (noDbus || options.storm !== undefined)) {
		program.error('error: --dbus-tests needs a kernel with AF_DBUS, and runs nothing else');
	}
	if (options.storm !== undefined && (noDbus || options.kernel === 'module')) {
		program.error('error: --storm needs a kernel with AF_DBUS built in, and runs nothing else');
	}
	return options;
}
