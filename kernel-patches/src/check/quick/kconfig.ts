// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { touchedFiles } from '../../touched-files.js';
import { addedLines, type Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** An option as a Kconfig file has it. */
export interface KconfigOption {
	name: string;
	/** Of the line with `config`, counted from 1. */
	line: number;
	/** Whether people are asked. */
	prompt: boolean;
	help: boolean;
	/** What it is if nobody says otherwise: `n` where nothing is written. */
	default: string;
}

/** Reads the options of a Kconfig file. */
export function parseKconfig(text: string): KconfigOption[] {
	const options: KconfigOption[] = [];
	let current: KconfigOption | undefined;
	text.split('\n').forEach((each, index) => {
		const name = /^(?:menu)?config\s+(\w+)/.exec(each)?.[1];
		if (name !== undefined) {
			current = { name, line: index + 1, prompt: false, help: false, default: 'n' };
			options.push(current);
		} else if (/^\S/.test(each) && !each.startsWith('#')) {
			current = undefined;
		}
		if (current !== undefined) {
			current.prompt ||= /^\s+(?:(?:bool|tristate|int|hex|string)\s+"|prompt\s)/.test(each);
			current.help ||= /^\s+help\s*$/.test(each);
			current.default =
				/^\s+(?:def_bool|def_tristate|default)\s+(\S+)/.exec(each)?.[1] ?? current.default;
		}
	});
	return options;
}

/** Tests of KUnit follow the option that switches all of them on (kunit/style.rst). */
function isOffByDefault(option: KconfigOption): boolean {
	return option.default === 'n' || option.default === 'KUNIT_ALL_TESTS';
}

/** New options that ask people something. */
export const kconfig: Checker = {
	name: 'kconfig',
	description: 'new options have help, are off by default, and are those of series.json',
	projects: ['linux'],
	check: async ({ patches, series, tree }) => {
		const isKconfig = (file: string): boolean => /(?:^|\/)Kconfig(?:\.\w+)?$/.test(file);
		const added = addedLines(patches, isKconfig).flatMap((line) => {
			const name = /^(?:menu)?config\s+(\w+)/.exec(line.text)?.[1];
			return name === undefined ? [] : [{ ...line, name }];
		});
		const findings: Finding[] = [];
		for (const file of touchedFiles(patches).filter(isKconfig)) {
			const options = parseKconfig(await readFile(path.join(tree, file), 'utf8'));
			for (const { name, patch, line } of added.filter((each) => each.file === file)) {
				const option = options.find((each) => each.name === name);
				const wrong: [boolean, string, string][] = [
					[option?.prompt === true && !option.help, 'help', 'asks people, and has no help text'],
					[
						option?.prompt === true && !isOffByDefault(option),
						'default',
						`is ${option?.default ?? ''} by default, expected n`,
					],
				];
				findings.push(
					...wrong
						.filter(([is]) => is)
						.map(([, rule, message]) => ({
							rule: `kconfig/${rule}`,
							patch,
							line,
							file,
							message: `${name} ${message}`,
						})),
				);
			}
		}
		const missing = series.options
			.filter((option) => !added.some(({ name }) => option === `CONFIG_${name}`))
			.map((option) => ({
				rule: 'kconfig/missing',
				message: `series.json names ${option}, which no patch adds`,
			}));
		return [...findings, ...missing];
	},
};
