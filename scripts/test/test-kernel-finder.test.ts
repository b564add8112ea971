// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createKernelFinder } from '../src/test/kernel-finder.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

test('an image that was given is every kernel, with the numbers and modules that lie beside it', async (t) => {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'kernel-finder-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const image = path.join(folder, 'bzImage');
	const numbers = path.join(folder, 'syscall-numbers.json');
	t.deepEqual(await createKernelFinder(image, report)('debug'), {
		image,
		syscallNumbers: undefined,
		modules: undefined,
	});
	await writeFile(numbers, '{}');
	await mkdir(path.join(folder, 'modules'));
	const find = createKernelFinder(image, report);
	t.is((await find('release')).syscallNumbers, numbers);
	t.is((await find('base')).image, image);
	t.is((await find('module')).modules, path.join(folder, 'modules'));
});

test('what was found is not looked for again', (t) => {
	const find = createKernelFinder('/k/bzImage', report);
	t.is(find('rt'), find('rt'));
	t.not(find('rt'), find('release'));
});
