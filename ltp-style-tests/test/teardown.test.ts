// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { createTeardown } from '../src/teardown.js';

test('last things are ended first, one after another', async (t) => {
	const teardown = createTeardown();
	const done: string[] = [];
	for (const name of ['first', 'second']) {
		teardown.teardown(async () => {
			done.push(`${name} begins`);
			await Promise.resolve();
			done.push(`${name} ends`);
		});
	}
	t.deepEqual(done, []);
	await teardown.end();
	t.deepEqual(done, ['second begins', 'second ends', 'first begins', 'first ends']);
});

test('what fails to end keeps nothing else from being ended, and is told', async (t) => {
	const teardown = createTeardown();
	const done: string[] = [];
	const failure = new Error('the daemon stays');
	teardown.teardown(() => {
		done.push('folder');
		return Promise.resolve();
	});
	teardown.teardown(() => Promise.reject(failure));
	const error = await t.throwsAsync<AggregateError>(teardown.end(), {
		instanceOf: AggregateError,
		message: /the daemon stays/,
	});
	t.deepEqual(error.errors, [failure]);
	t.deepEqual(done, ['folder']);
});
