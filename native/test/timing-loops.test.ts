// SPDX-License-Identifier: GPL-2.0-only
import { buildNative, nativePath } from '@fastipc/native';
import test from 'ava';
import { execa } from 'execa';

test('libtiming-loops.so exports a loop for each subject and nothing else', async (t) => {
	await buildNative();
	const { stdout } = await execa('nm', [
		'--dynamic',
		'--defined-only',
		nativePath('libtiming-loops.so'),
	]);
	const names = stdout.split('\n').map((line) => line.split(' ').at(-1));
	t.deepEqual(names.toSorted(), [
		'time_copy_from_process',
		'time_copy_to_process',
		'time_empty_loop',
		'time_getppid',
		'time_memcpy',
		'time_process_vm_readv',
		'time_process_vm_writev',
	]);
});
