// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { execa } from 'execa';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from '../src/lock.js';
import { createRecorder } from './helpers/recorder.js';
import { useTemporaryCache } from './helpers/temporary.js';

test.serial('the second waits for the first, and says so', async (t) => {
	const cache = await useTemporaryCache(t);
	const order: string[] = [];
	const report = createRecorder();
	let finishFirst: () => void = () => undefined;
	let firstRuns: () => void = () => undefined;
	const running = new Promise<void>((resolve) => {
		firstRuns = resolve;
	});
	const first = withLock('build/x', 'x', createRecorder(), async () => {
		firstRuns();
		await new Promise<void>((resolve) => {
			finishFirst = resolve;
		});
		order.push('first');
	});
	await running;
	const second = withLock(
		'build/x',
		'the thing',
		{
			...report,
			say: (message) => {
				report.say(message);
				// Only once the second one waits may the first one end.
				finishFirst();
			},
		},
		() => {
			order.push('second');
			return Promise.resolve();
		},
	);
	await Promise.all([first, second]);
	t.deepEqual(order, ['first', 'second']);
	t.regex(report.said.join(), /^waiting for another run that works on the thing \(lock: .*\)$/);
	t.deepEqual(await readdir(path.join(cache, 'locks')), []);
});

test.serial('a failure releases the lock', async (t) => {
	const cache = await useTemporaryCache(t);
	await t.throwsAsync(
		withLock('x', 'x', createRecorder(), () => Promise.reject(new Error('no'))),
		{
			message: 'no',
		},
	);
	t.deepEqual(await readdir(path.join(cache, 'locks')), []);
});

test.serial('the lock of a killed process is taken over', async (t) => {
	const cache = await useTemporaryCache(t);
	const lock = path.join(cache, 'locks', 'x.lock');
	await mkdir(lock, { recursive: true });
	const longAgo = new Date(Date.now() - 60_000);
	await utimes(lock, longAgo, longAgo);
	const report = createRecorder();
	t.is(await withLock('x', 'x', report, () => Promise.resolve('done')), 'done');
	t.deepEqual(report.said, []);
});

test.serial('a process that a signal ends leaves no lock', async (t) => {
	const cache = await useTemporaryCache(t);
	const code = `
		import { withLock } from '${new URL('../src/lock.js', import.meta.url).href}';
		const report = { say() {}, progress() {} };
		await withLock('x', 'x', report, () => new Promise(() => {
			console.log('locked');
			setInterval(() => {}, 1000);
		}));`;
	const subprocess = execa(
		process.execPath,
		[...process.execArgv, '--input-type=module', '--eval', code],
		{ reject: false },
	);
	for await (const line of subprocess.iterable()) {
		t.is(line, 'locked');
		t.deepEqual(await readdir(path.join(cache, 'locks')), ['x.lock']);
		subprocess.kill('SIGTERM');
	}
	t.is((await subprocess).signal, 'SIGTERM');
	t.deepEqual(await readdir(path.join(cache, 'locks')), []);
});
