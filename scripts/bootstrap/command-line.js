// SPDX-License-Identifier: GPL-2.0-only
// What bootstrap.js has to know of a command line before the packages are there that read it.

/** The options of `npm run vm` that take no value; every other one before a COMMAND takes one. */
export const vmFlags = ['--icount', '--shell', '--gdb'];

const helpFlags = ['--help', '-h'];

/**
 * The options that come first, without their values, and what comes after them.
 * @param {string[]} words
 * @param {string[]} flags the options that take no value
 * @returns {{ options: string[], others: string[] }}
 */
const splitOptions = (words, flags) => {
	const [option = '', ...others] = words;
	if (!/^-./.test(option) || option === '--') return { options: [], others: words };
	const isAlone = [...flags, ...helpFlags].includes(option) || option.includes('=');
	const rest = splitOptions(isAlone ? others : others.slice(1), flags);
	return { options: [option, ...rest.options], others: rest.others };
};

/**
 * The subcommand, wherever it is: each option that can stand before one takes a value.
 * @param {string[]} words
 * @returns {string | undefined}
 */
export const subcommandOf = (words) => splitOptions(words, []).others[0];

/**
 * Whether a command line asks for help only. Of `npm run vm`'s, only options before COMMAND count:
 * the others are COMMAND's.
 * @param {string} verb
 * @param {string[]} words
 */
export const asksForHelp = (verb, words) => {
	if (verb === 'vm') {
		return splitOptions(words, vmFlags).options.some((option) => helpFlags.includes(option));
	}
	const end = words.indexOf('--');
	const own = end === -1 ? words : words.slice(0, end);
	return subcommandOf(words) === 'help' || own.some((word) => helpFlags.includes(word));
};
