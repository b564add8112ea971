// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { complete } from '../../src/check/quick/complete.js';
import { kconfig, parseKconfig } from '../../src/check/quick/kconfig.js';
import { maintainers, matchesPattern } from '../../src/check/quick/maintainers.js';
import { numbers } from '../../src/check/quick/numbers.js';
import type { Finding } from '../../src/check/finding.js';
import { makeCheckedSeries, type PatchToMake } from '../helpers/checked-series.js';

function rules(findings: readonly Finding[]): string[] {
	return findings.map(({ rule, file }) => `${rule} ${file ?? ''}`.trim());
}

/** A patch with a text that nobody objects to. */
function patch(files: Record<string, string>): PatchToMake {
	return { message: 'mm: change something\n\nWhy.\n', files };
}

test('patterns of MAINTAINERS mean what get_maintainer.pl makes of them', (t) => {
	const cases: [string, string, boolean][] = [
		['net/dbus/', 'net/dbus/test/a.c', true],
		['net/dbus/', 'net/dbus2/a.c', false],
		['net/dbus', 'net/dbus/a.c', true],
		['mm/remote_copy.[ch]', 'mm/remote_copy.h', true],
		['mm/remote_copy.[ch]', 'mm/remote_copy.o', false],
		['mm/*', 'mm/a.c', true],
		['mm/*.c', 'mm/kasan/a.c', false],
		['mm/a.c', 'mm/axc', false],
	];
	for (const [pattern, file, expected] of cases) {
		t.is(matchesPattern(pattern, file), expected, `${pattern} ${file}`);
	}
});

const maintainersList = `List of maintainers

	F: a pattern
	   F:	net/unix/x/

MM
M:	Ada <ada@example.org>
F:	mm/

UNIX
F:	net/unix/
X:	net/unix/x/

THE REST
F:	*
F:	*/
`;

const ownEntry = 'OWN\nF:\tmm/own.[ch]\nF:\tmm/own/\nX:\tmm/own/not/\n';

const maintained: [string, Record<string, string>, string[]][] = [
	[
		'a series without an entry of its own',
		{ 'mm/a.c': '', 'net/unix/a.c': '', 'net/unix/x/a.c': '', 'lib/a.c': '' },
		['lib/a.c', 'mm/a.c', 'net/unix/x/a.c'],
	],
	[
		'a series with an entry of its own',
		{
			MAINTAINERS: maintainersList.replace('\nTHE REST', `\n${ownEntry}\nTHE REST`),
			'mm/own.c': '',
			'mm/own/a.c': '',
			'mm/own/not/a.c': '',
			'mm/other.c': '',
			'net/unix/a.c': '',
		},
		['mm/other.c', 'mm/own/not/a.c', 'net/unix/a.c'],
	],
	[
		'a series that changes an entry',
		{
			MAINTAINERS: maintainersList.replace('X:\t', 'F:\tnet/tap.c\nX:\t'),
			'net/tap.c': '',
			'net/unix/a.c': '',
			'mm/a.c': '',
		},
		['mm/a.c'],
	],
	[
		'a series that changes who maintains, and not what',
		{ MAINTAINERS: maintainersList.replace('Ada', 'Bea'), 'net/unix/a.c': '', 'mm/a.c': '' },
		['mm/a.c'],
	],
];

for (const [name, files, expected] of maintained) {
	test(`finds new files that nobody maintains in ${name}`, async (t) => {
		const base = { MAINTAINERS: maintainersList };
		const filled = Object.fromEntries(
			Object.entries(files).map(([file, text]) => [file, text === '' ? 'int a;\n' : text]),
		);
		const checked = await makeCheckedSeries(t, base, [patch(filled)]);
		t.deepEqual(
			rules(await maintainers.check(checked)).toSorted(),
			expected.map((file) => `maintainers/missing ${file}`),
		);
	});
}

test('finds patterns for nothing', async (t) => {
	const list = maintainersList.replace('F:\tmm/\n', 'F:\tmm/\nF:\tmm/c.[ch]\n');
	const checked = await makeCheckedSeries(t, { MAINTAINERS: maintainersList }, [
		patch({ 'mm/a.c': 'int a;\n' }),
		patch({ MAINTAINERS: list }),
	]);
	t.deepEqual(rules(await maintainers.check(checked)), ['maintainers/pattern MAINTAINERS']);
});

const options = `config A
	bool "Ask"
	default y

config B
	bool

config C
	tristate "Ask, too"
	default KUNIT_ALL_TESTS
	help
	  It helps.
`;

test('reads the options of a Kconfig file', (t) => {
	t.deepEqual(parseKconfig(`menu "M"\n${options}endmenu\n`), [
		{ name: 'A', line: 2, prompt: true, help: false, default: 'y' },
		{ name: 'B', line: 6, prompt: false, help: false, default: 'n' },
		{ name: 'C', line: 9, prompt: true, help: true, default: 'KUNIT_ALL_TESTS' },
	]);
});

test('finds options without help, on by default, or missing', async (t) => {
	const files = { 'mm/Kconfig': options };
	const series = { options: ['CONFIG_A', 'CONFIG_D'] };
	const checked = await makeCheckedSeries(t, {}, [patch(files)], series);
	t.deepEqual(rules(await kconfig.check(checked)), [
		'kconfig/help mm/Kconfig',
		'kconfig/default mm/Kconfig',
		'kconfig/missing',
	]);
	const old = await makeCheckedSeries(t, files, [patch({ 'mm/Kconfig': `${options}# x\n` })]);
	t.deepEqual(await kconfig.check(old), [], 'those that were there are not the series’ concern');
});

const selftest = {
	'tools/testing/selftests/Makefile': 'TARGETS += mm\n',
	'tools/testing/selftests/mm/Makefile': 'TEST_GEN_PROGS := a b\n',
	'tools/testing/selftests/mm/.gitignore': 'a\nb\n',
	'tools/testing/selftests/mm/b.c': 'int main(void) {}\n',
};
const company = {
	'include/uapi/linux/a.h': '/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */\n',
	'Documentation/mm/a.rst': 'The sysctl ``size_max`` is one.\n',
	'Documentation/mm/index.rst': '.. toctree::\n\n   a\n',
	'mm/a.c': '{\n\t.procname\t= "size_max",\n}\n',
	...selftest,
};

test('nothing is missing where everything is there', async (t) => {
	const checked = await makeCheckedSeries(t, {}, [patch(company)], { selftests: ['mm/b'] });
	t.deepEqual(await complete.check(checked), []);
});

const incomplete: [string, Record<string, string>, string[]][] = [
	[
		'a licence without its note',
		{ 'include/uapi/linux/a.h': '/* SPDX-License-Identifier: GPL-2.0 */\n' },
		['complete/uapi-licence include/uapi/linux/a.h'],
	],
	[
		'a document that no index has',
		{ 'Documentation/mm/index.rst': '.. toctree::\n\n   ab\n' },
		['complete/index Documentation/mm/a.rst'],
	],
	[
		'a sysctl that no document has',
		{ 'mm/a.c': '{\n\t.procname\t= "size_min",\n}\n' },
		['complete/sysctl mm/a.c'],
	],
	[
		'a sysctl that a macro names and no document has',
		{
			'mm/a.h':
				'#define SETTING(name, max) {\t\\\n\t.procname\t= #name,\t\\\n\t.extra2\t= (max),\t\\\n}\n',
			'mm/a.c':
				'struct ctl_table a[] = {\n\tSETTING(size_max, &max),\n\tSETTING(size_min, 1),\n};\n',
		},
		['complete/sysctl mm/a.c'],
	],
	[
		'a selftest that is not built',
		{ 'tools/testing/selftests/mm/Makefile': 'TEST_GEN_PROGS := a\n' },
		['complete/selftest tools/testing/selftests/mm/Makefile'],
	],
	[
		'a selftest that is not run with the others',
		{ 'tools/testing/selftests/Makefile': 'TARGETS += mm/x\n' },
		['complete/selftest tools/testing/selftests/Makefile'],
	],
	[
		'a selftest that git would show as new',
		{ 'tools/testing/selftests/mm/.gitignore': 'a\n' },
		['complete/selftest tools/testing/selftests/mm/.gitignore'],
	],
];

for (const [name, files, expected] of incomplete) {
	test(`finds ${name}`, async (t) => {
		const all = { ...company, ...files };
		const checked = await makeCheckedSeries(t, {}, [patch(all)], { selftests: ['mm/b'] });
		t.deepEqual(rules(await complete.check(checked)), expected);
	});
}

test('finds what user space sees without tests and documents', async (t) => {
	const [header] = Object.entries(company);
	const files = Object.fromEntries(header === undefined ? [] : [header]);
	const checked = await makeCheckedSeries(t, {}, [patch(files)]);
	t.deepEqual(rules(await complete.check(checked)), [
		'complete/tests include/uapi/linux/a.h',
		'complete/documentation include/uapi/linux/a.h',
	]);
});

const alpha = 'arch/alpha/kernel/syscalls/syscall.tbl';
const x86 = 'arch/x86/entry/syscalls/syscall_64.tbl';
const unistd = 'include/uapi/asm-generic/unistd.h';

const before = {
	'scripts/syscall.tbl': '1\tcommon\told\tsys_old\n',
	[alpha]: '111\tcommon\told\tsys_old\n',
	[x86]: '1\tcommon\told\tsys_old\n512\tx32\twide\tsys_wide\n',
	[unistd]: '#define __NR_old 1\n#define __NR_syscalls 2\n',
	'kernel/sys_ni.c': 'COND_SYSCALL(old);\n',
	'include/linux/syscalls.h': 'asmlinkage long sys_old(int a);\n',
};
const after = {
	'scripts/syscall.tbl': '1\tcommon\told\tsys_old\n2\tcommon\tnew\tsys_new\n',
	[alpha]: '111\tcommon\told\tsys_old\n112\tcommon\tnew\tsys_new\n',
	[x86]: '1\tcommon\told\tsys_old\n2\tcommon\tnew\tsys_new\n512\tx32\twide\tsys_wide\n',
	[unistd]: '#define __NR_old 1\n#define __NR_new 2\n#define __NR_syscalls 3\n',
	'kernel/sys_ni.c': 'COND_SYSCALL(old);\nCOND_SYSCALL(new);\n',
	'include/linux/syscalls.h': 'asmlinkage long sys_old(int a);\nasmlinkage long sys_new(int a);\n',
	'tools/testing/selftests/mm/new.c': '#define __NR_new 2\n',
};

test('the numbers of a system call agree', async (t) => {
	t.deepEqual(await numbers.check(await makeCheckedSeries(t, before, [patch(after)])), []);
	t.deepEqual(
		await numbers.check(await makeCheckedSeries(t, after, [patch({ 'mm/x.c': '' })])),
		[],
	);
});

for (const [file, text, expected] of [
	[alpha, before[alpha], 'numbers/table'],
	[alpha, '111\tcommon\told\tsys_old\n2\tcommon\tnew\tsys_new\n', 'numbers/table'],
	[x86, `${after[x86]}2\tcommon\tother\tsys_other\n`, 'numbers/twice'],
	[unistd, '#define __NR_old 1\n#define __NR_new 3\n#define __NR_syscalls 3\n', 'numbers/place'],
	[unistd, '#define __NR_old 1\n#define __NR_new 2\n#define __NR_syscalls 2\n', 'numbers/end'],
	['kernel/sys_ni.c', before['kernel/sys_ni.c'], 'numbers/place'],
	['include/linux/syscalls.h', before['include/linux/syscalls.h'], 'numbers/place'],
	['tools/testing/selftests/mm/new.c', '#define __NR_new 3\n', 'numbers/fallback'],
] as const) {
	test(`finds a number that does not agree: ${expected} in ${file}, ${text}`, async (t) => {
		const changed = { ...after, [file]: text };
		const checked = await makeCheckedSeries(t, before, [patch(changed)]);
		t.deepEqual(rules(await numbers.check(checked)), [`${expected} ${file}`]);
	});
}

const socketBefore = '#define AF_OLD\t1\n#define AF_MAX\t2\n#define PF_OLD\tAF_OLD\n';
const guard = (number: number): string => `#if PF_MAX > ${number}\n#error New\n#endif\n`;
const family = {
	'include/linux/socket.h':
		'#define AF_OLD\t1\n#define AF_NEW\t2\n#define AF_MAX\t3\n#define PF_OLD\tAF_OLD\n#define PF_NEW\tAF_NEW\n',
	'net/core/sock.c': '  x "AF_OLD"  ,\tx "AF_NEW"\t, \\\n',
	'net/socket.c': '\t[PF_NEW]\t= "PF_NEW",\n',
	'security/selinux/hooks.c': guard(3),
	'security/selinux/include/classmap.h': guard(3),
};

test('the number of an address family agrees', async (t) => {
	const base = { ...before, 'include/linux/socket.h': socketBefore };
	t.deepEqual(await numbers.check(await makeCheckedSeries(t, base, [patch(family)])), []);
});

for (const [file, text] of [
	['include/linux/socket.h', family['include/linux/socket.h'].replace('MAX\t3', 'MAX\t2')],
	['include/linux/socket.h', family['include/linux/socket.h'].replace('NEW\t2', 'NEW\t1')],
	['net/core/sock.c', ''],
	['net/socket.c', ''],
	['security/selinux/hooks.c', guard(2)],
	['security/selinux/include/classmap.h', guard(2)],
] as const) {
	test(`finds a family's number that does not agree in ${file}: ${text}`, async (t) => {
		const base = { ...before, 'include/linux/socket.h': socketBefore };
		const checked = await makeCheckedSeries(t, base, [patch({ ...family, [file]: text })]);
		const found = rules(await numbers.check(checked));
		t.true(found.includes(`numbers/family ${file}`), found.join());
	});
}
