// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import {
	countDryRunObjects,
	extractErrors,
	extractWarnings,
	isObjectLine,
	parseCompilerCacheLog,
} from '../src/make-output.js';
import { readSample } from './helpers/sample.js';

test('counts the compiled objects in a build log', async (t) => {
	const lines = (await readSample('make-build.log.txt')).split('\n');
	t.is(lines.filter(isObjectLine).length, 65);
	t.true(isObjectLine('  CC [M]  fs/x/y.o'));
	t.false(isObjectLine('  HOSTCC  scripts/kallsyms.o'));
	t.false(isObjectLine('  CC      kernel/bounds.s'));
	t.false(isObjectLine('  AR      mm/built-in.a'));
});

test('counts the objects to compile in a dry run', async (t) => {
	t.is(countDryRunObjects(await readSample('make-dry-run.txt')), 11);
	t.is(countDryRunObjects(''), 0);
});

test('picks out the warnings of the compiler, not those of others', (t) => {
	const warning = "../tree/mm/gup.c:12:5: warning: unused variable 'x' [-Wunused-variable]";
	const lines = ['  CC      mm/gup.o', warning, '   12 | int x;', '.config:7: warning: override'];
	t.deepEqual(extractWarnings(lines.join('\n')), [warning]);
});

test('picks out a compile error with what the compiler says below it', async (t) => {
	t.deepEqual(extractErrors(await readSample('make-compile-error.log.txt')), [
		'../tree/mm/mmap.c:420:21: error: implicit declaration of function ‘find_vma_intersecting’; did you mean ‘find_vma_intersection’? [-Werror=implicit-function-declaration]',
		'  420 |                 if (find_vma_intersecting(mm, addr, addr + len))',
		'      |                     ^~~~~~~~~~~~~~~~~~~~~',
		'      |                     find_vma_intersection',
		'cc1: some warnings being treated as errors',
		'make[4]: *** [/cache/build/base/tree/scripts/Makefile.build:295: mm/mmap.o] Error 1',
		'make[3]: *** [/cache/build/base/tree/scripts/Makefile.build:556: mm] Error 2',
		'make[3]: *** Waiting for unfinished jobs....',
		'make[2]: *** [/cache/build/base/tree/Makefile:2253: .] Error 2',
		'make[1]: *** [/cache/build/base/tree/Makefile:260: __sub-make] Error 2',
		'make: *** [Makefile:260: __sub-make] Error 2',
	]);
});

test('picks out what the linker misses', async (t) => {
	const errors = extractErrors(await readSample('make-link-error.log.txt'));
	t.is(errors[0], "ld: mm/mlock.o: in function `do_mlock':");
	t.true(errors.includes("mlock.c:(.text+0x419): undefined reference to `can_do_mlock'"));
});

test('a log cut off in the middle of an error still gives its lines', async (t) => {
	const text = await readSample('make-compile-error.log.txt');
	const cut = text.slice(0, text.indexOf('find_vma_intersection\n') - 30);
	t.regex(extractErrors(cut)[0] ?? '', /mm\/mmap\.c:420:21: error: /);
});

test('finds no error in a log without one, and returns no more than asked for', async (t) => {
	t.deepEqual(extractErrors(await readSample('make-build.log.txt')), []);
	t.is(extractErrors(await readSample('make-link-error.log.txt'), 2).length, 2);
});

for (const line of [
	'/bin/sh: 1: flex: not found',
	"make[1]: *** No rule to make target 'x.c', needed by 'x.o'.  Stop.",
	'fs/x.c:1:10: fatal error: linux/nonesuch.h: No such file or directory',
	"mm/x.o:(.data+0x0): multiple definition of `x'; mm/y.o:(.data+0x0): first defined here",
	'cc1: error: write to x.s: No space left on device',
]) {
	test(`takes for an error: ${line}`, (t) => {
		t.deepEqual(extractErrors(`  CC      a.o\n${line}\n  CC      b.o\n`), [line]);
	});
}

test("reads ccache's log of results", async (t) => {
	t.deepEqual(parseCompilerCacheLog(await readSample('ccache-stats.log.txt')), {
		hits: 7,
		misses: 0,
	});
	t.deepEqual(
		parseCompilerCacheLog('# a.c\ncache_miss\ndirect_cache_miss\n# b.c\npreprocessed_cache_hit\n'),
		{
			hits: 1,
			misses: 1,
		},
	);
});
