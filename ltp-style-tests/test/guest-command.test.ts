// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildNative, nativePath } from '@fastipc/native';
import test from 'ava';
import { execa } from 'execa';
import { guestTestCommand } from '../src/guest-command.js';
import { races } from '../src/races.js';

const packageFile = import.meta.resolve('@fastipc/ltp-style-tests/package.json');

const sources = (directory: string) =>
	readdirSync(fileURLToPath(new URL(directory, packageFile)))
		.filter((name) => name.endsWith('.test.ts'))
		.sort()
		.map((name) => `dist/${directory}/${name.replace(/ts$/, 'js')}`);

test('the command names the compiled tests of the kernel, and which kernel it is', (t) => {
	const release = guestTestCommand({ kernel: 'release', match: 'copy*' });
	const files = sources('tests');
	t.deepEqual(release.command.slice(-files.length), files);
	t.is(release.command[0], process.execPath);
	t.true(release.command.join(' ').includes('--tap --match copy* dist/tests/'));
	t.is(release.env['FASTIPC_KERNEL'], 'release');
	t.is(release.env['FASTIPC_SYSCALL_NUMBERS'], undefined);
	const base = guestTestCommand({ kernel: 'base', syscallNumbers: '/numbers.json' });
	t.deepEqual(base.command.slice(-1), sources('tests/base'));
	t.is(base.env['FASTIPC_SYSCALL_NUMBERS'], '/numbers.json');
});

const isTest = (word: string) => word.endsWith('.test.js');

test('on the debug kernel races run only where they are asked for, then alone and for so long', (t) => {
	const usual = guestTestCommand({ kernel: 'debug' });
	t.deepEqual(usual.command.filter(isTest), sources('tests'));
	t.is(usual.env['FASTIPC_RACE_SECONDS'], undefined);
	const alone = guestTestCommand({ kernel: 'debug', part: 'races', raceSeconds: 30 });
	t.deepEqual(alone.command.filter(isTest), sources('tests/races'));
	t.is(alone.env['FASTIPC_RACE_SECONDS'], '30');
	const dbus = guestTestCommand({ kernel: 'debug', part: 'dbus' });
	t.deepEqual(dbus.command.filter(isTest), sources('tests/dbus'));
	const limit = alone.command[alone.command.indexOf('--timeout') + 1];
	t.regex(limit ?? '', /^\d+s$/);
	t.true(Number.parseInt(limit ?? '', 10) > 30);
});

test('the table has the races that the program knows', async (t) => {
	await buildNative();
	const { stdout } = await execa(nativePath('copy-races'), ['--help']);
	const [, list = ''] = stdout.split('Races:\n');
	const known = list.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
	t.deepEqual(races.map(({ name }) => name).sort(), known.sort());
});
