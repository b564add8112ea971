// SPDX-License-Identifier: GPL-2.0-only
import { parseOptionLine, type RequestedOption } from './fragments.js';
import { UserError } from './user-error.js';

/** A requested option that the final .config has otherwise. */
export interface ConfigDifference extends RequestedOption {
	/** The final value; undefined if the option does not appear at all. */
	got: string | undefined;
}

/** Parses a .config: values by name, `n` for `is not set`. */
export function parseConfig(text: string): Map<string, string> {
	const options = text.split('\n').map((line) => parseOptionLine(line.trimEnd()));
	return new Map(
		options.flatMap((option) => (option === undefined ? [] : [[option.name, option.value]])),
	);
}

/**
 * Compares a final .config with what was asked for. An option that does not appear is off:
 * Kconfig leaves out those whose dependencies are not met.
 */
export function compareConfig(
	requested: readonly RequestedOption[],
	config: ReadonlyMap<string, string>,
): ConfigDifference[] {
	return requested
		.map((option) => ({ ...option, got: config.get(option.name) }))
		.filter(({ value, got }) => value !== (got ?? 'n'));
}

/**
 * Stops when an option that was asked for is missing.
 * @param text the final .config
 * @param file its path, for the message
 * @throws UserError that names each option, its fragment and line, and what became of it
 */
export function checkConfig(
	requested: readonly RequestedOption[],
	text: string,
	file: string,
): void {
	const differences = compareConfig(requested, parseConfig(text));
	if (differences.length > 0) {
		const lines = differences.map(({ name, value, file: fragment, line, got }) => {
			const outcome = got === undefined ? 'does not appear' : `is ${got}`;
			return `\n    ${fragment}:${line}: ${name}=${value} was asked for; in the final .config it ${outcome}`;
		});
		throw new UserError(
			`${differences.length} option(s) did not make it into ${file}:${lines.join('')}
An option that does not appear has a dependency that is not met (or does not exist in this Linux): look it up in the tree's Kconfig files and ask for what it needs, too.`,
		);
	}
}
