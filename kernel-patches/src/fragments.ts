// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from './user-error.js';

/** One option that a fragment asks for. */
export interface RequestedOption {
	/** With its `CONFIG_`. */
	name: string;
	/** `y`, `m`, `n`, a number, or a string with its quotes. `is not set` is `n`. */
	value: string;
	/** The file as it is shown to people. */
	file: string;
	/** Counted from 1. */
	line: number;
}

/** Whether any option asks for a module; the last of each name counts. */
export function hasModules(requested: readonly RequestedOption[]): boolean {
	return [...new Map(requested.map(({ name, value }) => [name, value])).values()].includes('m');
}

/** One line of a fragment or a .config: a name and its value, or undefined for a comment. */
export function parseOptionLine(line: string): { name: string; value: string } | undefined {
	const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
	if (unset?.[1] !== undefined) {
		return { name: unset[1], value: 'n' };
	}
	const set = /^(CONFIG_\w+)=(".*"|[^\s"]+)$/.exec(line);
	return set?.[1] === undefined || set[2] === undefined
		? undefined
		: { name: set[1], value: set[2] };
}

/**
 * Parses a Kconfig fragment.
 * @param file its name, for messages
 * @throws UserError that names the first line that is neither an option nor a comment
 */
export function parseFragment(text: string, file: string): RequestedOption[] {
	return text.split('\n').flatMap((raw, index) => {
		const line = raw.trimEnd();
		const option = parseOptionLine(line);
		if (option !== undefined) {
			return [{ ...option, file, line: index + 1 }];
		}
		if (line !== '' && !line.startsWith('#')) {
			throw new UserError(
				`${file}:${index + 1}: expected CONFIG_NAME=value or "# CONFIG_NAME is not set", got ${JSON.stringify(line)}`,
			);
		}
		return [];
	});
}

/** Puts fragments together: of an option asked for more than once, the last one counts. */
export function mergeFragments(
	fragments: readonly (readonly RequestedOption[])[],
): RequestedOption[] {
	const merged = new Map<string, RequestedOption>();
	for (const option of fragments.flat()) {
		merged.delete(option.name);
		merged.set(option.name, option);
	}
	return [...merged.values()];
}

/** The fragment that asks for all those options, in order. */
export function formatFragment(options: readonly RequestedOption[]): string {
	return options
		.map(({ name, value }) => (value === 'n' ? `# ${name} is not set\n` : `${name}=${value}\n`))
		.join('');
}

/** Reads fragment files and puts them together. */
export async function readFragments(files: readonly string[]): Promise<RequestedOption[]> {
	const fragments = await Promise.all(
		files.map(async (file) => {
			return parseFragment(await readFile(file, 'utf8'), path.basename(file));
		}),
	);
	return mergeFragments(fragments);
}
