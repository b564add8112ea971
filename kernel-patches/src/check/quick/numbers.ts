// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../git.js';
import {
	callsInTable,
	genericTable,
	newCalls,
	tableOffset,
	type TableEntry,
} from '../../numbers/system-calls.js';
import { familyNumbers } from '../../numbers/address-family.js';
import { addedLines, type Checker, type CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';

function wrong(rule: string, file: string, message: string, line?: number): Finding {
	return { rule: `numbers/${rule}`, file, line, message };
}

const genericHeader = 'include/uapi/asm-generic/unistd.h';

/** All tables of system calls in a commit, but for those of tools/. */
async function listTables({ source, tip }: CheckedSeries): Promise<string[]> {
	const names = await git(source.repository, [
		'ls-tree',
		'-r',
		'--name-only',
		tip,
		'--',
		'arch',
		genericTable,
	]);
	return names.split('\n').filter((name) => /syscall\w*\.tbl$/.test(name));
}

/** A number that two entries of one ABI have. */
function findTwice(
	table: string,
	entries: readonly TableEntry[],
	numbers: readonly number[],
): Finding[] {
	return entries
		.filter((entry, index) => {
			const first = entries.findIndex(
				(each) => each.number === entry.number && each.abi === entry.abi,
			);
			return numbers.includes(entry.number) && first !== index;
		})
		.map(({ name, number, line }) =>
			wrong('twice', table, `${name} has the number ${number}, and so has another call`, line),
		);
}

/** Whether a table has the new calls, under the numbers that follow from a call that both have. */
function checkTable(
	table: string,
	text: string,
	generic: readonly TableEntry[],
	calls: readonly TableEntry[],
): Finding[] {
	const entries = callsInTable(text);
	const old = generic.filter((each) => !calls.includes(each));
	const offset = tableOffset(entries, old, table);
	const missing = calls.flatMap((call) => {
		const found = entries.find(({ name }) => name === call.name);
		const expected = call.number + offset;
		return found?.number === expected
			? []
			: [
					wrong(
						'table',
						table,
						`${call.name} has number ${found?.number ?? 'none'}, expected ${expected}`,
						found?.line,
					),
				];
	});
	return [
		...missing,
		...findTwice(
			table,
			entries,
			calls.map(({ number }) => number + offset),
		),
	];
}

/** The other places that know the calls. */
async function checkOtherPlaces(
	{ tree }: CheckedSeries,
	calls: readonly TableEntry[],
): Promise<Finding[]> {
	const read = (file: string): Promise<string> => readFile(path.join(tree, file), 'utf8');
	const header = await read(genericHeader);
	const end = Number(/^#define __NR_syscalls (\d+)$/m.exec(header)?.[1]);
	const last = Math.max(...calls.map(({ number }) => number));
	const places: [file: string, what: (call: TableEntry) => RegExp][] = [
		[genericHeader, ({ name, number }) => new RegExp(`^#define __NR_${name} ${number}$`, 'm')],
		['kernel/sys_ni.c', ({ name }) => new RegExp(`^COND_SYSCALL(?:_COMPAT)?\\(${name}\\);`, 'm')],
		['include/linux/syscalls.h', ({ name }) => new RegExp(`^asmlinkage long sys_${name}\\(`, 'm')],
	];
	const missing: Finding[] = [];
	for (const [file, what] of places) {
		const text = await read(file);
		missing.push(
			...calls
				.filter((call) => !what(call).test(text))
				.map((call) => wrong('place', file, `has nothing that matches ${String(what(call))}`)),
		);
	}
	return end > last
		? missing
		: [...missing, wrong('end', genericHeader, `__NR_syscalls is ${end}, expected ${last + 1}`)];
}

/** Numbers that files of the series give to the calls in case the headers don't know them. */
function checkFallbacks({ patches }: CheckedSeries, calls: readonly TableEntry[]): Finding[] {
	return addedLines(patches, (file) => file !== genericHeader).flatMap(({ text, ...place }) => {
		const [, name, number] = /^#\s*define\s+__NR_(\w+)\s+(\d+)\b/.exec(text) ?? [];
		const call = calls.find((each) => each.name === name);
		return call === undefined || call.number === Number(number)
			? []
			: [
					{
						rule: 'numbers/fallback',
						...place,
						message: `${call.name} has number ${number ?? ''} here, and ${call.number} in ${genericTable}`,
					},
				];
	});
}

async function checkCalls(checked: CheckedSeries): Promise<Finding[]> {
	const { source, tree } = checked;
	const before = await git(source.repository, [
		'cat-file',
		'blob',
		`${source.commit}:${genericTable}`,
	]);
	const generic = callsInTable(await readFile(path.join(tree, genericTable), 'utf8'));
	const calls = newCalls(callsInTable(before), generic);
	if (calls.length === 0) {
		return [];
	}
	const findings: Finding[] = [];
	for (const table of await listTables(checked)) {
		const text = await readFile(path.join(tree, table), 'utf8');
		findings.push(...checkTable(table, text, generic, calls));
	}
	return [
		...findings,
		...(await checkOtherPlaces(checked, calls)),
		...checkFallbacks(checked, calls),
	];
}

/** A new address family, if the series adds one. */
async function checkFamily({ tree, patches }: CheckedSeries): Promise<Finding[]> {
	const header = 'include/linux/socket.h';
	const name = addedLines(patches, (file) => file === header)
		.map(({ text }) => /^#define AF_(?!MAX\b)(\w+)\s+\d+/.exec(text)?.[1])
		.find((each) => each !== undefined);
	if (name === undefined) {
		return [];
	}
	const read = (file: string): Promise<string> => readFile(path.join(tree, file), 'utf8');
	const { families, end } = familyNumbers(await read(header));
	const number = families.get(name);
	const others = [...families].filter(([each, value]) => each !== name && value === number);
	const findings = [
		...others.map(([other]) =>
			wrong('family', header, `AF_${name} and AF_${other} are both ${number ?? ''}`),
		),
		...(number !== undefined && number < end
			? []
			: [
					wrong(
						'family',
						header,
						`AF_MAX is ${end} and AF_${name} ${number ?? 'none'}, expected it to be greater`,
					),
				]),
	];
	for (const [file, what] of [
		[header, new RegExp(`^#define PF_${name}\\s+AF_${name}$`, 'm')],
		['net/core/sock.c', new RegExp(`x "AF_${name}"`)],
		['net/socket.c', new RegExp(`\\[PF_${name}\\]\\s*=\\s*"PF_${name}"`)],
	] as const) {
		if (!what.test(await read(file))) {
			findings.push(wrong('family', file, `has nothing that matches ${String(what)}`));
		}
	}
	for (const file of ['security/selinux/hooks.c', 'security/selinux/include/classmap.h']) {
		const guard = Number(/^#if PF_MAX > (\d+)$/m.exec(await read(file))?.[1]);
		if (guard !== end) {
			findings.push(
				wrong('family', file, `its guard knows families up to ${guard}, and AF_MAX is ${end}`),
			);
		}
	}
	return findings;
}

/** Numbers that user space knows, in all the places that have them. */
export const numbers: Checker = {
	name: 'numbers',
	description: 'system call and address family numbers agree everywhere',
	projects: ['linux'],
	check: async (checked) => [...(await checkCalls(checked)), ...(await checkFamily(checked))],
};
