// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { parseTap } from '../src/report/parse-tap.js';

const packageDirectory = path.dirname(
	fileURLToPath(import.meta.resolve('@fastipc/ltp-style-tests/package.json')),
);

test('a missing need is a skip with its reason, a broken promise a failure, rows are tests', async (t) => {
	const ava = fileURLToPath(new URL('cli.mjs', import.meta.resolve('ava')));
	const { stdout } = await execa(
		process.execPath,
		[ava, '--tap', '--config', 'test/fixtures/ava.fixture.config.js'],
		// A number that no kernel has: there the calls are missing, whatever kernel this is.
		{
			cwd: packageDirectory,
			reject: false,
			env: {
				FASTIPC_KERNEL: 'release',
				FASTIPC_SYSCALL_NUMBERS: path.join(packageDirectory, 'test/fixtures/no-such-calls.json'),
			},
		},
	);
	const results = parseTap(stdout).map(({ title, status, reason }) => [title, status, reason]);
	t.deepEqual(
		results.sort((one, other) => String(one[0]).localeCompare(String(other[0]))),
		[
			['lacks an option', 'skipped', 'needs CONFIG_NO_SUCH_OPTION, which is not set'],
			['row 1', 'passed', undefined],
			['row 2', 'failed', 'an assertion failed'],
			['runs', 'passed', undefined],
			[
				'was promised a call',
				'failed',
				'the release kernel lacks copy_from_process(): it gives ENOSYS',
			],
		],
	);
});
