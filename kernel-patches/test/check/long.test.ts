// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { eachPatch } from '../../src/check/long/each-patch.js';
import { readInstallation } from '../../src/check/long/headers.js';
import { findUncompiledPrograms, touchedSelftests } from '../../src/check/long/kselftests.js';
import { parseReport, readScripts, requireScripts } from '../../src/check/long/semantic.js';
import { compareTouched, touchedSources } from '../../src/check/long/touched-objects.js';
import { readComplaint } from '../../src/make-output.js';
import { makeCheckedSeries, type PatchToMake } from '../helpers/checked-series.js';
import { createRecorder } from '../helpers/recorder.js';
import { pathInTree } from '../../src/touched-files.js';
import { UserError } from '../../src/user-error.js';
import { useTemporaryCache } from '../helpers/temporary.js';

/** Of the kernel's make what the checks use. */
const makefile = `VERSION = 7
PATCHLEVEL = 3
SUBLEVEL = 4
EXTRAVERSION =
allnoconfig:
\tmkdir -p $(O)/mm && cp $(KCONFIG_ALLCONFIG) $(O)/.config
prepare modules:
\ttrue
vmlinux: $(patsubst %.c,%.o,$(wildcard mm/*.c))
\trm -f $(O)/vmlinux.a && cd $(O) && ar rcTP vmlinux.a $^
mm/%.o: mm/%.c
\tgcc $(if $(W),-Wall -Wextra) -c $< -o $(O)/$@
`;

function patch(name: string, text: string): PatchToMake {
	return { message: `mm: change ${name}\n\nWhy.\n`, files: { [`mm/${name}.c`]: text } };
}

const base = { Makefile: makefile, 'mm/memory.c': 'int memory;\n' };

test.serial(
	'names the patch after which the kernel does not build, though a later one puts it right',
	async (t) => {
		await useTemporaryCache(t);
		const patches = [patch('a', 'int a;\n'), patch('b', 'int b\n'), patch('b', 'int b;\n')];
		const checked = await makeCheckedSeries(t, base, patches, { options: ['CONFIG_TINY'] });
		const findings = await eachPatch.check(checked);
		t.deepEqual(
			findings.map(({ rule, patch: name }) => [rule, name?.slice(0, 4)]),
			[
				['each-patch/on', '0002'],
				['each-patch/module', '0002'],
				['each-patch/off', '0002'],
			],
		);
		t.regex(findings[0]?.message ?? '', /mm\/b\.c:\d+:\d+: error: /);
		// What was good is remembered; what was not is tried again.
		const report = createRecorder();
		t.is((await eachPatch.check({ ...checked, report })).length, 3);
		t.is(report.said.filter((line) => line.includes(' vmlinux (log')).length, 3);
	},
);

test.serial('a warning is a finding again, though make compiles nothing twice', async (t) => {
	await useTemporaryCache(t);
	const files = {
		...base,
		Makefile: makefile.replace(
			'\tgcc $(if $(W),-Wall -Wextra) -c $< -o $(O)/$@\n',
			'\t$(if $(wildcard $(O)/$@),,gcc -Wall -c $< -o $(O)/$@)\n',
		),
	};
	const checked = await makeCheckedSeries(t, files, [patch('b', 'static int b;\n')]);
	for (const attempt of ['first', 'second']) {
		t.deepEqual(
			(await eachPatch.check(checked)).map(({ rule, message }) => [rule, message.split(': ')[1]]),
			['on', 'module', 'off'].map((setting) => [`each-patch/${setting}`, 'warning']),
			attempt,
		);
	}
});

test('what is said on installing headers names the file and line, if it is of the series', (t) => {
	const files = ['include/uapi/linux/dbus.h'];
	const said = './include/uapi/linux/dbus.h:12: warning: leak of CONFIG_DBUS';
	t.deepEqual(readInstallation(said, files), [
		{
			rule: 'headers/install',
			file: 'include/uapi/linux/dbus.h',
			line: 12,
			message: 'warning: leak of CONFIG_DBUS',
		},
	]);
	const another = 'include/uapi/linux/fs.h:1: warning: something';
	t.deepEqual(readInstallation(another, files), [{ rule: 'headers/install', message: another }]);
	const error = 'error: include/uapi/linux/dbus.h: leak CONFIG_DBUS to user-space';
	t.deepEqual(readInstallation(error, files), [{ rule: 'headers/install', message: error }]);
	t.deepEqual(readInstallation('  HDRINST usr/include/linux/errors.h', files), []);
});

test.serial('a source that no kernel is made of is a finding, and is so again', async (t) => {
	await useTemporaryCache(t);
	const patches = [patch('a', 'int a;\n'), patch('other/b', 'int b;\n')];
	const checked = await makeCheckedSeries(t, base, patches, { options: ['CONFIG_TINY'] });
	for (const attempt of ['first', 'second']) {
		t.deepEqual(
			(await eachPatch.check(checked)).map(({ rule, file }) => [rule, file]),
			[['each-patch/not-built', 'mm/other/b.c']],
			attempt,
		);
	}
});

test.serial('warnings count where the base has none like it', async (t) => {
	await useTemporaryCache(t);
	const old = 'static int old(int x)\n{\n\treturn 0;\n}\n';
	const other = 'int b = other;\n';
	const files = { ...base, 'mm/a.c': old, 'mm/c.c': other };
	const checked = await makeCheckedSeries(t, files, [
		patch('a', `int above;\n${old}`),
		patch('b', 'static int b;\n'),
		// Of another configuration than the check's, which must not be silent
		patch('c', `${other}int c = another;\n`),
	]);
	const passes = [{ rule: 'warnings/gcc', words: ['W=1'] }];
	const findings = await compareTouched(checked, 'warnings', passes, readComplaint);
	t.deepEqual(
		findings.map(({ rule, file, patch: name }) => [rule, file, name?.slice(0, 4)]),
		[
			['warnings/gcc', 'mm/b.c', '0002'],
			['warnings/not-compiled', 'mm/c.c', '0003'],
		],
	);
	t.regex(findings[0]?.message ?? '', /.b. defined but not used/);
	t.regex(findings[1]?.message ?? '', /not compiled: .*mm\/c\.c:1:.* error: .*other/);
});

test.serial(
	'what sparse says has a rule of its own, and what gcc said is not said again',
	async (t) => {
		await useTemporaryCache(t);
		const checks = 'echo "$<:1:1: warning: said by sparse"';
		const recipe = '\tgcc $(if $(W),-Wall -Wextra) -c $< -o $(O)/$@\n';
		const files = {
			...base,
			// As the kernel's, which compiles only what isn't up to date and has all checked.
			Makefile: makefile.replace(
				recipe,
				`\t$(if $(wildcard $(O)/$@),,gcc -Wall -Wextra -c $< -o $(O)/$@)\n\t$(if $(C),@${checks})\n`,
			),
		};
		const checked = await makeCheckedSeries(t, files, [patch('b', 'static int b;\n')]);
		const passes = [
			{ rule: 'warnings/gcc', words: ['W=1'] },
			{ rule: 'warnings/sparse', words: ['W=1', 'C=2'] },
		];
		t.deepEqual(
			(await compareTouched(checked, 'warnings', passes, readComplaint)).map(
				({ rule, file, message }) => [rule, file, message.slice(0, 23)],
			),
			[
				['warnings/gcc', 'mm/b.c', 'warning: ‘b’ defined bu'],
				['warnings/sparse', 'mm/b.c', 'warning: said by sparse'],
			],
		);
	},
);

test.serial('a checker that make goes on without is an error, not silence', async (t) => {
	await useTemporaryCache(t);
	const files = {
		...base,
		Makefile: `${makefile}$(if $(C),$(info Makefile:9: C=2 specified, but x is not available or not up to date))\n`,
	};
	const checked = await makeCheckedSeries(t, files, [patch('a', 'int a;\n')]);
	const passes = [{ rule: 'warnings/sparse', words: ['C=2'] }];
	await t.throwsAsync(compareTouched(checked, 'warnings', passes, readComplaint), {
		instanceOf: UserError,
		message: /without a checker that it was told to run: .*but x is not available/,
	});
});

test('finds the scripts of Coccinelle that report, with their options', async (t) => {
	const { tree } = await makeCheckedSeries(t, {}, [
		{
			message: 'scripts: add\n\nWhy.\n',
			files: {
				'scripts/coccinelle/api/a.cocci':
					'// Options: --no-includes --include-headers\nvirtual patch\nvirtual report\n',
				'scripts/coccinelle/b.cocci': 'virtual patch,org,report\n',
				'scripts/coccinelle/c.cocci': 'virtual patch\n',
			},
		},
	]);
	t.deepEqual(
		(await readScripts(tree)).map(({ file, options }) => [file.slice(-7), options]),
		[
			['a.cocci', ['--no-includes', '--include-headers']],
			['b.cocci', []],
		],
	);
});

test('compiles what the kernel for this machine is made of', async (t) => {
	const files = ['mm/a.c', 'arch/x86/b.c', 'arch/arm/c.c', 'tools/d.c', 'mm/e.h'];
	const checked = await makeCheckedSeries(t, {}, [
		{
			message: 'mm: add\n\nWhy.\n',
			files: Object.fromEntries(files.map((name) => [name, 'int x;\n'])),
		},
	]);
	t.deepEqual(touchedSources(checked).toSorted(), ['arch/x86/b.c', 'mm/a.c']);
});

test('a program that is no selftest of the series is compiled by nothing', async (t) => {
	const folder = 'tools/testing/selftests/mm';
	const files = { [`${folder}/a.c`]: 'x', [`${folder}/b.c`]: 'x', [`${folder}/c.h`]: 'x' };
	const patches = [{ message: 'mm: add\n\nWhy.\n', files }];
	const checked = await makeCheckedSeries(t, {}, patches, { selftests: ['mm/a'] });
	const uncompiled = (selftests: readonly string[]): unknown =>
		findUncompiledPrograms(checked, selftests).map(({ rule, file }) => [rule, file]);
	const below = { ...checked.series, selftests: ['mm/b', 'mm/untouched'] };
	t.deepEqual(touchedSelftests(checked, []), ['mm/a']);
	t.deepEqual(uncompiled(['mm/a']), [['kselftests/not-compiled', `${folder}/b.c`]]);
	// What a series below has and this one changes is compiled with it.
	t.deepEqual(touchedSelftests(checked, [below]), ['mm/a', 'mm/b']);
	t.deepEqual(uncompiled(['mm/a', 'mm/b']), []);
});

test('where spatch runs no script, it is said what it had to say', (t) => {
	const failed = ['a.cocci', 'b.cocci'].map((name) => ({ name, said: `no ${name}\n` }));
	t.notThrows(() => {
		requireScripts('/tree', 3, failed);
	});
	t.throws(
		() => {
			requireScripts('/tree', 2, failed);
		},
		{
			message: /none of the 2 scripts in \/tree\/\S+ Of b\.cocci it said:\n +no b\.cocci\nSee that/,
		},
	);
	t.throws(
		() => {
			requireScripts('/tree', 0, []);
		},
		{ message: /has no script .* a tree of Linux\?/ },
	);
});

test('reads what compilers, sparse and Coccinelle print', (t) => {
	t.deepEqual(readComplaint('../tree/mm/a.c:12:3: warning: unused [-Wunused]'), {
		file: '../tree/mm/a.c',
		line: 12,
		message: 'warning: unused [-Wunused]',
	});
	t.is(readComplaint('/x/mm/a.c:12: error: no')?.line, 12);
	t.is(readComplaint('  CC      mm/a.o'), undefined);
	t.is(readComplaint('mm/a.c:12:3: note: declared here'), undefined);
	const output = './mm/a.c:7:2-9: WARNING: kzalloc should be used\nmm/a.c:7:2: warning: x\n';
	t.deepEqual(parseReport(output, ['mm/a.c']), [
		{
			rule: 'semantic/new',
			file: 'mm/a.c',
			line: 7,
			message: 'WARNING: kzalloc should be used',
		},
	]);
	t.deepEqual(parseReport(output, ['mm/b.c']), []);
	t.is(pathInTree('../tree/mm/a.c', ['a.c.h', 'mm/a.c']), 'mm/a.c');
	t.is(pathInTree('../tree/kmm/a.c', ['mm/a.c']), undefined);
});
