// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { architectures } from '../../src/cross/architectures.js';
import { readProblems } from '../../src/cross/compile-variant.js';
import {
	foreignSources,
	variantObjects,
	variantOptions,
	variants,
} from '../../src/cross/variants.js';
import { flavourContents } from '../../src/flavours.js';
import { readPatch } from '../../src/patch.js';
import { listSeries } from '../../src/series.js';
import { touchedFiles } from '../../src/touched-files.js';

const [arm64, i386] = [architectures[0]!, architectures.at(-1)!];

/** The files that the stored series touch. */
async function storedFiles(): Promise<string[]> {
	const { series } = flavourContents('release', await listSeries());
	return touchedFiles(await Promise.all(series.flatMap((each) => each.patches).map(readPatch)));
}

test('what is compiled for a machine is what the patches touch of its kernel', (t) => {
	const files = ['mm/a.c', 'mm/a.h', 'tools/b.c', 'arch/arm64/c.c', 'arch/x86/d.c', 'arch/arm/e.c'];
	t.deepEqual(variantObjects(variants[0]!, arm64, files), [
		'net/unix/',
		'mm/a.o',
		'arch/arm64/c.o',
	]);
	t.deepEqual(variantObjects(variants[0]!, i386, files), ['net/unix/', 'mm/a.o', 'arch/x86/d.o']);
	t.deepEqual(foreignSources(files, architectures), ['arch/arm/e.c']);
});

test('with the options on, every source that the stored series touch is compiled', async (t) => {
	const files = await storedFiles();
	const objects = variantObjects(variants[0]!, arm64, files);
	for (const name of [
		'io_uring/net.o',
		'security/selinux/hooks.o',
		'security/apparmor/lsm.o',
		'security/tomoyo/network.o',
		'mm/cross_memory.o',
		'net/dbus/message_test.o',
	]) {
		t.true(objects.includes(name), name);
	}
	const sources = files.filter((file) => /^(?!tools\/).*\.c$/.test(file));
	t.deepEqual(
		objects.filter((name) => name.endsWith('.o')),
		sources.map((file) => file.replace(/c$/, 'o')),
	);
});

test('with the options off, what they add is not, and each that is left out is there', async (t) => {
	const files = await storedFiles();
	for (const variant of variants) {
		for (const pattern of variant.without) {
			const objects = variantObjects({ ...variant, without: [pattern] }, arm64, files);
			t.true(objects.length < variantObjects(variants[0]!, arm64, files).length, pattern);
		}
	}
	const none = variantObjects(
		variants.find(({ name }) => name === 'none')!,
		arm64,
		files,
	);
	t.deepEqual(
		none.filter((name) => name.startsWith('net/dbus')),
		[],
	);
	t.true(none.includes('security/selinux/hooks.o'));
});

test('the security modules and io_uring are configured in each variant', async (t) => {
	for (const variant of variants) {
		const values = new Map((await variantOptions(variant)).map(({ name, value }) => [name, value]));
		for (const name of ['SECURITY_SELINUX', 'SECURITY_APPARMOR', 'SECURITY_TOMOYO', 'IO_URING']) {
			t.is(values.get(`CONFIG_${name}`), 'y', `${variant.name}: ${name}`);
		}
		t.is(values.get('CONFIG_KUNIT'), variant.name === 'on' ? 'y' : 'n');
	}
});

test('what is said of files that no series touches is not their problem', (t) => {
	const lines = [
		'../tree/mm/gup.c:12:3: warning: unused [-Wunused]',
		'../tree/mm/memory.c:12:3: warning: unused [-Wunused]',
		'../tree/mm/gup.c:15:3: error: no',
		'  CC      mm/gup.o',
	];
	t.deepEqual(readProblems(lines, ['mm/gup.c']), [
		{ file: 'mm/gup.c', line: 12, message: 'warning: unused [-Wunused]' },
		{ file: 'mm/gup.c', line: 15, message: 'error: no' },
	]);
});
