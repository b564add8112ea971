// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from '../src/applied-commit.js';
import type { CheckedSeries } from '../src/check/checker.js';
import { numbers } from '../src/check/quick/numbers.js';
import { git } from '../src/git.js';
import { callsInTable, insertCalls, tableOffset } from '../src/numbers/system-calls.js';
import { UserError } from '../src/user-error.js';
import { makeCheckedSeries, type PatchToMake } from './helpers/checked-series.js';
import { createRecorder, type Recorder } from './helpers/recorder.js';
import { useTemporaryCache } from './helpers/temporary.js';
import { commitAll, makeTinyLinux, writeIn } from './helpers/tiny-linux.js';

const alpha = 'arch/alpha/kernel/syscalls/syscall.tbl';
const x86 = 'arch/x86/entry/syscalls/syscall_64.tbl';
const unistd = 'include/uapi/asm-generic/unistd.h';
const socket = 'include/linux/socket.h';
const classes = 'security/selinux/include/classmap.h';
const hooks = 'security/selinux/hooks.c';
const filler = Array.from({ length: 20 }, (_value, index) => `line ${index}\n`).join('');

const base = {
	'scripts/syscall.tbl': '1\tcommon\told\tsys_old\n',
	[alpha]: '111\tcommon\told\tsys_old\n',
	[x86]: '1\tcommon\told\tsys_old\n\n# special\n512\tx32\twide\tsys_wide\n',
	[unistd]:
		'#define __NR_old 1\n__SYSCALL(__NR_old, sys_old)\n\n#undef __NR_syscalls\n#define __NR_syscalls 2\n',
	'kernel/sys_ni.c': `// new\n${filler}// theirs\n`,
	'include/linux/syscalls.h': `// new\n${filler}// theirs\n`,
	[socket]:
		'#define AF_OLD\t\t1\t/* Of old,\n\t\t\t * really\n\t\t\t */\n\n#define AF_MAX\t\t2\t/* For now.. */\n\n#define PF_OLD\t\tAF_OLD\n#define PF_MAX\t\tAF_MAX\n\n#define SOL_OLD\t\t7\n',
	'net/core/sock.c': '  x "AF_OLD"  ,\t\\\n  x "AF_MAX"\n',
	'net/socket.c': 'names[] = {\n\t[PF_OLD]\t= "PF_OLD",\n};\n',
	[hooks]: `${filler}case PF_OLD:\n#if PF_MAX > 2\n#error New\n#endif\n`,
	[classes]: '#if PF_MAX > 2\n#error New\n#endif\n',
};

/** Replaces text in the files of the base; each has to be there. */
function change(
	files: Record<string, string>,
	changes: [string, string, string][],
): Record<string, string> {
	const result: Record<string, string> = {};
	for (const [file, from, to] of changes) {
		const before = result[file] ?? files[file] ?? '';
		if (!before.includes(from)) {
			throw new Error(`${file} has no ${from}`);
		}
		result[file] = before.replace(from, to);
	}
	return result;
}

function addCall(
	files: Record<string, string>,
	name: string,
	number: number,
): Record<string, string> {
	const line = `${number}\tcommon\t${name}\tsys_${name}\n`;
	const definition = `#define __NR_${name} ${number}\n__SYSCALL(__NR_${name}, sys_${name})\n\n`;
	return change(files, [
		['scripts/syscall.tbl', 'sys_old\n', `sys_old\n${line}`],
		[alpha, 'sys_old\n', `sys_old\n${line.replace(String(number), String(number + 110))}`],
		[x86, 'sys_old\n', `sys_old\n${line}`],
		[unistd, '#undef', `${definition}#undef`],
		[unistd, `syscalls ${number}`, `syscalls ${number + 1}`],
		['kernel/sys_ni.c', `// ${name}`, `COND_SYSCALL(${name});`],
		['include/linux/syscalls.h', `// ${name}`, `asmlinkage long sys_${name}(int a);`],
	]);
}

function addFamily(
	files: Record<string, string>,
	name: string,
	number: number,
): Record<string, string> {
	return change(files, [
		[socket, '\n#define AF_MAX', `#define AF_${name}\t\t${number}\t/* New */\n\n#define AF_MAX`],
		[socket, `AF_MAX\t\t${number}`, `AF_MAX\t\t${number + 1}`],
		[socket, '#define PF_MAX', `#define PF_${name}\t\tAF_${name}\n#define PF_MAX`],
		['net/core/sock.c', '  x "AF_MAX"', `  x "AF_${name}"  , \\\n  x "AF_MAX"`],
		['net/socket.c', '};', `\t[PF_${name}]\t= "PF_${name}",\n};`],
		[hooks, `> ${number}`, `> ${number + 1}`],
		[classes, `> ${number}`, `> ${number + 1}`],
	]);
}

const patches: PatchToMake[] = [
	{ message: 'mm: say what it is\n\nWhy.\n', files: { 'mm/new.c': 'int new;\n' } },
	{ message: 'arch: wire up\n\nWhy.\n', files: addCall(base, 'new', 2) },
	{
		message: 'net: add a family\n\nWhy.\n',
		files: {
			...addFamily(base, 'NEW', 2),
			[hooks]: (addFamily(base, 'NEW', 2)[hooks] ?? '').replace('line 3\n', 'line three\n'),
			'net/new.c': 'int family;\n',
		},
	},
	{
		message: 'selftests: test\n\nWhy.\n',
		files: { 'tools/testing/selftests/mm/new.c': '#define __NR_new 2\n#define __NR_old 2\n' },
	},
];

/** The series, applied to a tree of somebody else's. */
async function applyElsewhere(
	t: ExecutionContext,
	files: Record<string, string>,
): Promise<{ checked: CheckedSeries; report: Recorder }> {
	await useTemporaryCache(t);
	const made = await makeCheckedSeries(t, base, patches);
	const tree = await makeTinyLinux(t);
	for (const [name, text] of Object.entries({ ...base, ...files })) {
		await writeIn(tree, name, text);
	}
	await commitAll(tree, 'their tree\n');
	const commit = (await git(tree, ['rev-parse', 'HEAD'])).trim();
	const source = { repository: path.join(tree, '.git'), commit, version: '7.4.0', suffix: '-x' };
	const report = createRecorder();
	const tip = await ensureAppliedCommit(source, [made.series], report);
	await git(tree, ['checkout', '--quiet', '--detach', tip]);
	return { checked: { ...made, source, tip, tree, report }, report };
}

test.serial('numbers that are free stay, and the patches are applied as they are', async (t) => {
	const { checked, report } = await applyElsewhere(t, { 'mm/their.c': 'int x;\n' });
	t.deepEqual(await numbers.check(checked), []);
	t.is(callsInTable(await readFile(path.join(checked.tree, x86), 'utf8'))[1]?.number, 2);
	t.false(report.said.some((line) => line.includes("this tree's next")));
});

test.serial(
	'numbers that somebody else took are replaced by the next ones, everywhere',
	async (t) => {
		const taken = { ...base, ...addCall(base, 'theirs', 2) };
		const { checked, report } = await applyElsewhere(t, {
			...taken,
			...addFamily(base, 'THEIRS', 2),
		});
		const { tree } = checked;
		// The patches are as they were; what counts is the tree.
		t.deepEqual(
			(await numbers.check(checked)).filter(({ rule }) => rule !== 'numbers/fallback'),
			[],
		);
		const read = (file: string): Promise<string> => readFile(path.join(tree, file), 'utf8');
		t.true(
			(await read(alpha)).endsWith('112\tcommon\ttheirs\tsys_theirs\n113\tcommon\tnew\tsys_new\n'),
		);
		t.true((await read(x86)).includes('3\tcommon\tnew\tsys_new\n\n# special\n512\t'));
		t.regex(
			await read(unistd),
			/\n\n#define __NR_new 3\n__SYSCALL\(__NR_new, sys_new\)\n\n#undef __NR_syscalls\n#define __NR_syscalls 4\n$/,
		);
		t.is(
			await read('tools/testing/selftests/mm/new.c'),
			'#define __NR_new 3\n#define __NR_old 2\n',
		);
		t.regex(
			await read(socket),
			/\n#define AF_THEIRS\t\t2\t\/\* New \*\/\n#define AF_NEW\t\t3\t\/\* New \*\/\n\n#define AF_MAX\t\t4\t/,
		);
		t.regex(await read(hooks), /line three\n[\s\S]*#if PF_MAX > 4\n/);
		t.is(await read('net/new.c'), 'int family;\n');
		const log = await git(tree, [
			'log',
			'--reverse',
			'--format=%s %cd',
			`${checked.source.commit}..HEAD`,
		]);
		t.deepEqual(
			log
				.trim()
				.split('\n')
				.map((line) => line.replace(/ \w{3} Nov .*/, '')),
			['mm: say what it is', 'arch: wire up', 'net: add a family', 'selftests: test'],
		);
		t.true(report.said.includes("this tree's next system call numbers: new 3"));
		t.true(report.said.includes("this tree's next address family: AF_NEW 3"));
	},
);

test.serial('numbers that the tree does not have yet are replaced by lower ones', async (t) => {
	const files = change(base, [
		['scripts/syscall.tbl', '1\tcommon', '0\tcommon'],
		[alpha, '111', '110'],
		[x86, '1\tcommon', '0\tcommon'],
		[unistd, 'old 1', 'old 0'],
		[unistd, 'syscalls 2', 'syscalls 1'],
	]);
	const { checked } = await applyElsewhere(t, files);
	t.is(callsInTable(await readFile(path.join(checked.tree, alpha), 'utf8'))[1]?.number, 111);
});

test.serial('a conflict elsewhere is named by its file', async (t) => {
	const error = await t.throwsAsync(
		applyElsewhere(t, { ...addCall(base, 'theirs', 2), 'mm/new.c': 'int theirs;\n' }),
		{ instanceOf: UserError },
	);
	t.regex(error.message, /^tiny: patch 1 of 4, 0001-mm-say-what-it-is\.patch, does not apply/);
	t.regex(error.message, /Files (?:concerned|in conflict):\n {4}mm\/new\.c\n/);
	t.regex(error.message, /Linux 7\.4\.0 there differs from the base of the series in those files/);
});

test('entries go below the last lower number, whatever comes after', (t) => {
	const text = '1\tcommon\ta\n3\tcommon\tc\n\n# special\n512\tx32\td\n';
	t.is(
		insertCalls(text, ['9\tcommon\tx', '10\tcommon\ty'], -5),
		'1\tcommon\ta\n3\tcommon\tc\n4\tcommon\tx\n5\tcommon\ty\n\n# special\n512\tx32\td\n',
	);
});

test('a table has its distance from the generic one', (t) => {
	const generic = callsInTable('1\tcommon\ta\n2\tcommon\tb\n3\tcommon\tc\n');
	t.is(tableOffset(callsInTable('111\tcommon\ta\n112\tcommon\tb\n'), generic, 'x'), 110);
	t.throws(() => tableOffset(callsInTable('1\tcommon\tz\n'), generic, 'x.tbl'), {
		instanceOf: UserError,
		message: /^x\.tbl has no system call in common/,
	});
});
