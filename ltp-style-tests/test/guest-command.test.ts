// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { guestTestCommand } from '../src/guest-command.js';

const sources = (directory: string) =>
	readdirSync(fileURLToPath(new URL(`../${directory}`, import.meta.url)))
		.filter((name) => name.endsWith('.test.ts'))
		.sort()
		.map((name) => `dist/${directory}/${name.replace(/ts$/, 'js')}`);

test('the command names the compiled tests of the kernel, and which kernel it is', (t) => {
	const release = guestTestCommand({ kernel: 'release', match: 'copy*' });
	t.deepEqual(release.command.slice(-sources('tests').length), sources('tests'));
	t.is(release.command[0], process.execPath);
	t.true(release.command.join(' ').includes('--tap --match copy* dist/tests/'));
	t.is(release.env['FASTIPC_KERNEL'], 'release');
	t.is(release.env['FASTIPC_SYSCALL_NUMBERS'], undefined);
	const base = guestTestCommand({ kernel: 'base', syscallNumbers: '/numbers.json' });
	t.deepEqual(base.command.slice(-1), sources('tests/base'));
	t.is(base.env['FASTIPC_SYSCALL_NUMBERS'], '/numbers.json');
});
