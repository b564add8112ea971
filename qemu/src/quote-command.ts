// SPDX-License-Identifier: GPL-2.0-only

/** A command as a shell would have to be given it, to show what is run. */
export function quoteCommand(words: readonly string[]): string {
	return words
		.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
		.join(' ');
}
