// SPDX-License-Identifier: GPL-2.0-only

/** A macro that fills in an entry of a table of sysctls. */
interface EntryMacro {
	name: string;
	parameters: readonly string[];
	/** What the entry's name is put together from: literals, and parameters with `#` or without. */
	parts: readonly string[];
}

/** Literals, parameters and parameters made literals, one after the other. */
const nameExpression = String.raw`((?:(?:"\w*"|#?\s*\w+)\s*)+)`;

/** The macros of a source that fill in `.procname`. */
function readMacros(source: string): EntryMacro[] {
	const joined = source.replaceAll(/\\\n/g, ' ');
	const definitions = joined.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)\(([^)]*)\)(.*)$/gm);
	return Array.from(definitions).flatMap(([, name = '', parameters = '', body = '']) => {
		const procname = new RegExp(String.raw`\.procname\s*=\s*\(?${nameExpression}`).exec(body)?.[1];
		return procname === undefined
			? []
			: [
					{
						name,
						parameters: parameters.split(',').map((each) => each.trim()),
						parts: Array.from(procname.matchAll(/"\w*"|\w+/g), ([part]) => part),
					},
				];
	});
}

/** The arguments of a macro's use, as they are written. */
function readArguments(text: string, start: number): string[] {
	const words = [''];
	let depth = 0;
	for (const letter of text.slice(start)) {
		depth += Number(letter === '(') - Number(letter === ')');
		if (depth < 0) {
			break;
		}
		if (letter === ',' && depth === 0) {
			words.push('');
		} else {
			words.push(`${words.pop() ?? ''}${letter}`);
		}
	}
	return words.map((word) => word.trim());
}

/** The name that a use of a macro gives an entry. */
function nameOfUse({ parameters, parts }: EntryMacro, words: readonly string[]): string {
	return parts
		.map((part) => words[parameters.indexOf(part)] ?? part)
		.map((part) => part.replaceAll('"', ''))
		.join('');
}

/** A sysctl's name, and where in a text it is written. */
export interface NamedSysctl {
	name: string;
	/** Counted from 0. */
	line: number;
}

/**
 * The sysctls that a piece of C source has.
 * @param sources those in which the macros may be defined that it uses for them
 */
export function findSysctls(text: string, sources: readonly string[]): NamedSysctl[] {
	const lineAt = (index: number): number => text.slice(0, index).split('\n').length - 1;
	const literal = Array.from(text.matchAll(/\.procname\s*=\s*"(\w+)"(?!\s*#)/g)).map((match) => {
		return { name: match[1] ?? '', line: lineAt(match.index) };
	});
	const made = sources.flatMap(readMacros).flatMap((macro) => {
		const uses = text.matchAll(new RegExp(String.raw`(?<!define[ \t]+)\b${macro.name}\(`, 'g'));
		return Array.from(uses).map((match) => {
			const words = readArguments(text, match.index + match[0].length);
			return { name: nameOfUse(macro, words), line: lineAt(match.index) };
		});
	});
	return [...literal, ...made].toSorted((one, other) => one.line - other.line);
}
