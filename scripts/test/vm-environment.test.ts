// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { guestEnvironment } from '../src/vm/environment.js';
import { makeLogDirectory } from '../src/vm/log-directory.js';

const sources = {
	node: '/usr/bin/node',
	terminalType: undefined,
	syscallNumbers: undefined,
	added: {},
};

const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

test('nothing of ours goes into the guest unasked', (t) => {
	t.deepEqual(guestEnvironment(sources), {
		PATH: standardPath,
		HOME: '/root',
		USER: 'root',
		LANG: 'C.UTF-8',
		TERM: 'dumb',
	});
});

test('node is found where it is here, the system call numbers by their variable', (t) => {
	const environment = guestEnvironment({
		node: '/opt/node/bin/node',
		terminalType: 'xterm',
		syscallNumbers: '/cache/syscall-numbers.json',
		added: {},
	});
	t.is(environment['PATH'], `${standardPath}:/opt/node/bin`);
	t.is(environment['TERM'], 'xterm');
	t.is(environment['FASTIPC_SYSCALL_NUMBERS'], '/cache/syscall-numbers.json');
});

test("the user's variables win", (t) => {
	const environment = guestEnvironment({ ...sources, added: { HOME: '/tmp', X: '' } });
	t.is(environment['HOME'], '/tmp');
	t.is(environment['X'], '');
});

test('the logs of the last 20 runs are kept', async (t) => {
	const parent = await mkdtemp(path.join(os.tmpdir(), 'logs-'));
	t.teardown(() => rm(parent, { recursive: true }));
	const made: string[] = [];
	for (let second = 0; second < 25; second++) {
		made.push(await makeLogDirectory(parent, new Date(second * 1000)));
	}
	const names = made.map((directory) => path.basename(directory));
	t.deepEqual((await readdir(parent)).sort(), names.slice(5));
});
