// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildPlan } from '../src/build-plan.js';
import { findKernel, pruneKernels, storeKernel } from '../src/kernel-store.js';
import { createRecorder } from './helpers/recorder.js';
import { readSample } from './helpers/sample.js';
import { useTemporaryCache } from './helpers/temporary.js';

/** A plan whose folders hold what a finished build leaves. */
async function planBuilt(cache: string, key: string): Promise<BuildPlan> {
	const directory = path.join(cache, 'build', 'release');
	const [tree, objects] = [path.join(directory, 'tree'), path.join(directory, 'objects')];
	const write = async (file: string, text: string): Promise<void> => {
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, text);
	};
	await write(
		path.join(tree, 'arch/x86/entry/syscalls/syscall_64.tbl'),
		await readSample('syscall_64.tbl.txt'),
	);
	await write(path.join(objects, 'arch/x86/boot/bzImage'), 'image');
	await write(path.join(objects, 'include/config/kernel.release'), '7.3.4\n');
	for (const name of ['.config', 'System.map', 'vmlinux']) {
		await write(path.join(objects, name), name);
	}
	await write(path.join(directory, 'build.log'), 'log');
	return {
		flavour: 'release',
		source: { repository: '/r.git', commit: 'c', version: '7.3.4', suffix: '' },
		series: [],
		requested: [],
		toolchain: { versions: 'gcc', ccache: false },
		key,
		directory,
		tree,
		objects,
	};
}

test.serial('a finished kernel is found again by its key, whole', async (t) => {
	const cache = await useTemporaryCache(t);
	const plan = await planBuilt(cache, 'release-1');
	t.is(await findKernel('release-1'), undefined);
	const stored = await storeKernel(plan, 'applied', path.join(plan.directory, 'build.log'));
	t.deepEqual(await findKernel('release-1'), stored);
	t.is(stored.release, '7.3.4');
	t.is(await readFile(stored.image, 'utf8'), 'image');
	const numbers: unknown = JSON.parse(await readFile(stored.syscallNumbers, 'utf8'));
	t.like(numbers, { read: 0, fchroot: 472 });
	t.deepEqual((await readdir(stored.directory)).toSorted(), [
		'System.map',
		'build.log',
		'bzImage',
		'config',
		'kernel.json',
		'syscall-numbers.json',
		'vmlinux',
	]);
});

test.serial('modules are kept if some were asked for', async (t) => {
	const cache = await useTemporaryCache(t);
	const plan = await planBuilt(cache, 'module-1');
	await mkdir(path.join(plan.objects, 'net/dbus'), { recursive: true });
	await writeFile(path.join(plan.objects, 'modules.order'), 'net/dbus/dbus.o\n');
	await writeFile(path.join(plan.objects, 'net/dbus/dbus.ko'), 'module');
	const asked = (value: string) => ({ name: 'CONFIG_AF_DBUS', value, file: 'x', line: 1 });
	const store = (key: string, values: readonly string[]) => {
		const requested = values.map(asked);
		return storeKernel({ ...plan, key, requested }, 'x', path.join(plan.directory, 'build.log'));
	};
	const { modules } = await store('module-1', ['y', 'm']);
	t.is(await readFile(path.join(modules, 'dbus.ko'), 'utf8'), 'module');
	const without = await store('module-2', ['m', 'y']);
	t.false((await readdir(without.directory)).includes('modules'));
});

test.serial('a build that lacks a file stores nothing', async (t) => {
	const cache = await useTemporaryCache(t);
	const plan = await planBuilt(cache, 'release-1');
	await rm(path.join(plan.objects, 'System.map'));
	await t.throwsAsync(storeKernel(plan, 'applied', path.join(plan.directory, 'build.log')), {
		code: 'ENOENT',
	});
	t.deepEqual(await readdir(path.join(cache, 'kernels')), []);
	t.is(await findKernel('release-1'), undefined);
});

test.serial('of a flavour, those used last are kept', async (t) => {
	const cache = await useTemporaryCache(t);
	const kernels = path.join(cache, 'kernels');
	for (const [index, key] of [
		'release-a',
		'release-b',
		'release-c',
		'release-d',
		'release-e',
		'base-a',
		'release-f.part',
	].entries()) {
		const plan = await planBuilt(cache, key);
		const { directory } = await storeKernel(plan, 'x', path.join(plan.directory, 'build.log'));
		const time = new Date(Date.now() - 1_000_000 + index * 1_000);
		await utimes(directory, time, time);
	}
	// The oldest but one becomes the latest by being used.
	await findKernel('release-a');
	const report = createRecorder();
	await pruneKernels('release', report);
	t.deepEqual((await readdir(kernels)).toSorted(), [
		'base-a',
		'release-a',
		'release-c',
		'release-d',
		'release-e',
		'release-f.part',
	]);
	t.regex(report.said.join(), /^deleting .*\/release-b: of each kernel the 4 used last are kept$/);
});
