// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from '../user-error.js';
import type { NumberPlan } from './plan.js';
import { callsInTable, insertCalls } from './system-calls.js';

/** A place with numbers, whose neighbourhood is another one in each tree. */
export interface NumberEdit {
	/** Which files it is in. */
	isIn: (file: string) => boolean;
	/** Whether it is needed, by what moves. */
	isNeeded: (plan: NumberPlan) => boolean;
	/** Whether a changed line of a patch is about it; a hunk is taken out if all of them are. */
	isAbout: (changed: string) => boolean;
	/**
	 * Makes the change in the tree's own text.
	 * @param added the lines that the patch adds in the hunks that were taken out
	 */
	edit: (text: string, added: readonly string[], plan: NumberPlan, file: string) => string;
}

/**
 * Puts lines above the first one that matches, or below the last one.
 * @param file which the text is of, for the error
 * @throws UserError if no line matches
 */
function insertLines(
	text: string,
	where: 'above' | 'below',
	pattern: RegExp,
	lines: readonly string[],
	file: string,
): string {
	const all = text.split('\n');
	const matches = (line: string): boolean => pattern.test(line);
	const index = where === 'above' ? all.findIndex(matches) : all.findLastIndex(matches);
	if (index === -1) {
		throw new UserError(`${file} has no line ${String(pattern)}, ${where} which a number belongs`);
	}
	return all.toSpliced(where === 'above' ? index : index + 1, 0, ...lines).join('\n');
}

/** The tables of system calls. */
const tables: NumberEdit = {
	isIn: (file) => /(?:^|\/)syscall\w*\.tbl$/.test(file),
	isNeeded: ({ callShift }) => callShift !== 0,
	isAbout: () => true,
	edit: (text, added, { callShift }, file) => {
		// Tables keep their distance from the generic one, so that one shift does for all.
		const there = callsInTable(text);
		if (there.length === 0) {
			throw new UserError(`${file} has no system calls`);
		}
		return insertCalls(
			text,
			added.filter((line) => /^\d/.test(line)),
			callShift,
		);
	},
};

/** The header with the generic numbers. */
const genericHeader: NumberEdit = {
	isIn: (file) => file === 'include/uapi/asm-generic/unistd.h',
	isNeeded: ({ callShift }) => callShift !== 0,
	isAbout: () => true,
	edit: (text, added, { calls, callShift }, file) => {
		const lines = added
			.filter((line) => !line.startsWith('#define __NR_syscalls '))
			.map((line) => shiftDefinition(line, { calls, callShift }));
		const end = Math.max(...calls.map(({ number }) => number)) + callShift + 1;
		return insertLines(text, 'above', /^#undef __NR_syscalls$/, lines, file).replace(
			/^#define __NR_syscalls \d+$/m,
			`#define __NR_syscalls ${end}`,
		);
	},
};

/** The header with the families; SOL_ numbers stay, as programs are compiled with them. */
const families: NumberEdit = {
	isIn: (file) => file === 'include/linux/socket.h',
	isNeeded: ({ familyMoves }) => familyMoves,
	isAbout: () => true,
	edit: (text, added, { family }, file) => {
		const number = family?.number ?? 0;
		const own = added.filter((line) => /^#define AF_(?!MAX\b)/.test(line));
		const withFamily = insertBelowFamilies(
			text,
			own.map((line) => line.replace(/\d+/, String(number))),
			file,
		);
		const withEnd = withFamily.replace(/^(#define AF_MAX\s+)\d+/m, `$1${number + 1}`);
		const protocols = added.filter((line) => line.startsWith('#define PF_'));
		const levels = added.filter((line) => line.startsWith('#define SOL_'));
		return insertLines(
			insertLines(withEnd, 'above', /^#define PF_MAX\b/, protocols, file),
			'below',
			/^#define SOL_/,
			levels,
			file,
		);
	},
};

/** Below the last family, whose comment may go on for lines, there is an empty line. */
function insertBelowFamilies(text: string, lines: readonly string[], file: string): string {
	return insertLines(text, 'above', /^#define AF_MAX\b/, [...lines, ''], file).replace(
		`\n\n${lines.join('\n')}\n\n`,
		`\n${lines.join('\n')}\n\n`,
	);
}

/** The names of the locks' classes, in the order of the numbers. */
const lockNames: NumberEdit = {
	isIn: (file) => file === 'net/core/sock.c',
	isNeeded: ({ familyMoves }) => familyMoves,
	isAbout: (changed) => /^\s*x "AF_/.test(changed),
	edit: (text, _added, { family }, file) =>
		insertLines(text, 'above', /^\s*x "AF_MAX"/, [`  x "AF_${family?.name ?? ''}"  , \\`], file),
};

/** The names of the families. */
const familyNames: NumberEdit = {
	isIn: (file) => file === 'net/socket.c',
	isNeeded: ({ familyMoves }) => familyMoves,
	isAbout: (changed) => /^\s*\[PF_\w+\]\s*=/.test(changed),
	edit: (text, added, _plan, file) => insertLines(text, 'below', /^\s*\[PF_\w+\]\s*=/, added, file),
};

/** What SELinux has so that nobody forgets it. */
const guards: NumberEdit = {
	isIn: (file) => file.startsWith('security/selinux/'),
	isNeeded: ({ familyMoves }) => familyMoves,
	isAbout: (changed) => /^#if PF_MAX > \d+$/.test(changed),
	edit: (text, _added, { family }) =>
		text.replace(/^#if PF_MAX > \d+$/m, `#if PF_MAX > ${(family?.number ?? 0) + 1}`),
};

/** All of them. */
export const numberEdits: readonly NumberEdit[] = [
	tables,
	genericHeader,
	families,
	lockNames,
	familyNames,
	guards,
];

/** The definition of a new call's number, in whatever file, with the number of the tree. */
export function shiftDefinition(
	line: string,
	{ calls, callShift }: Pick<NumberPlan, 'calls' | 'callShift'>,
): string {
	const [, name, number] = /^#\s*define\s+__NR_(\w+)\s+(\d+)\b/.exec(line) ?? [];
	const call = calls.find((each) => each.name === name && each.number === Number(number));
	return call === undefined ? line : line.replace(/\b\d+\b/, String(call.number + callShift));
}
