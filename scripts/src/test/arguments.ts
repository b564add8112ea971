// SPDX-License-Identifier: GPL-2.0-only
import { kernelFlavours } from '@fastipc/kernel-patches';
import { Command, Option } from 'commander';
import { z } from 'zod';

const optionsSchema = z.object({
	kernel: z.enum([...kernelFlavours, 'all']),
	hostOnly: z.boolean(),
	image: z.string().optional(),
	match: z.string().optional(),
});

/** What `npm test` was asked for. */
export type TestArguments = z.infer<typeof optionsSchema>;

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
			new Option('--kernel <flavour>', 'which kernel to test; all are release, debug and base')
				.choices([...kernelFlavours, 'all'])
				.default('all'),
		)
		.option('--host-only', 'only the unit tests, which need no kernel', false)
		.option('--image <file>', 'a bzImage of your own instead; --kernel says what it is')
		.option('--match <pattern>', 'only tests with such a title; * stands for anything')
		.exitOverride();
	program.parse(words, { from: 'user' });
	const options = optionsSchema.parse(program.opts());
	if (options.image !== undefined && options.kernel === 'all') {
		program.error('error: --image needs --kernel release, debug, base or rt, to say what it is');
	}
	return options;
}
