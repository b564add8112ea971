// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseConfig, parseKernel, readMachine, type Machine } from '../src/needs/machine.js';
import { compareVersions, unmetNeed, type Needs } from '../src/needs/needs.js';

const config = (text: string) => parseConfig(text);
const machine: Machine = {
	release: '7.3.4',
	kernel: 'release',
	config: config('CONFIG_CROSS_MEMORY_COPY=y\nCONFIG_FUSE_FS=m\n# CONFIG_SECRETMEM is not set\n'),
	root: true,
	cpus: 2,
	hasSystemCall: () => true,
	hasFile: (path) => path === '/usr/bin/there',
};
const lacksCalls = { ...machine, hasSystemCall: () => false };
const stranger = { ...lacksCalls, kernel: undefined };
const copies: Needs = { systemCalls: ['copy_from_process'] };

const rows: [string, Needs, Machine, ReturnType<typeof unmetNeed>][] = [
	['nothing is needed', {}, machine, undefined],
	['options that are y and m', { config: ['CONFIG_FUSE_FS'] }, machine, undefined],
	[
		'an option that is not set',
		{ config: ['CONFIG_CROSS_MEMORY_COPY', 'CONFIG_SECRETMEM'] },
		machine,
		{ kind: 'skip', reason: 'needs CONFIG_SECRETMEM, which is not set' },
	],
	[
		'options can not be read',
		{ config: ['CONFIG_FUSE_FS'] },
		{ ...machine, config: undefined },
		{ kind: 'skip', reason: 'needs CONFIG_FUSE_FS, and /proc/config.gz is missing' },
	],
	['root', { root: true }, machine, undefined],
	['no root', { root: true }, { ...machine, root: false }, { kind: 'skip', reason: 'needs root' }],
	['a guest', { guest: true }, machine, undefined],
	[
		'no guest',
		{ guest: true },
		{ ...machine, kernel: undefined },
		{ kind: 'skip', reason: 'needs a guest, as it does what lasts until the next boot' },
	],
	[
		'too few processors',
		{ cpus: 4 },
		machine,
		{ kind: 'skip', reason: 'needs 4 processors, there are 2' },
	],
	['a program', { programs: [{ file: '/usr/bin/there', package: 'there' }] }, machine, undefined],
	[
		'a missing program',
		{ programs: [{ file: '/usr/bin/absent', package: 'absent-bin' }] },
		machine,
		{ kind: 'skip', reason: "needs /usr/bin/absent, of Debian's package absent-bin" },
	],
	[
		'no direct delivery',
		{ directDelivery: true },
		machine,
		{
			kind: 'skip',
			reason: 'needs direct delivery, and /proc/sys/net/dbus/direct is missing',
		},
	],
	[
		'the config promises direct delivery that is missing',
		{ directDelivery: true },
		{ ...machine, config: config('CONFIG_AF_DBUS=y') },
		{
			kind: 'failure',
			reason: 'CONFIG_AF_DBUS promises /proc/sys/net/dbus/direct, which is missing',
		},
	],
	[
		'direct delivery of a module that is not loaded',
		{ directDelivery: true },
		{ ...machine, config: config('CONFIG_AF_DBUS=m') },
		{
			kind: 'skip',
			reason: 'needs direct delivery, and /proc/sys/net/dbus/direct is missing',
		},
	],
	['direct delivery', { directDelivery: true }, { ...machine, hasFile: () => true }, undefined],
	['an older version will do', { minimumVersion: '6.13' }, machine, undefined],
	[
		'a newer version',
		{ minimumVersion: '7.4' },
		machine,
		{ kind: 'skip', reason: 'needs Linux 7.4, this is 7.3.4' },
	],
	[
		'tests are not for the base kernel by default',
		{},
		{ ...machine, kernel: 'base' },
		{ kind: 'skip', reason: 'is for the kernels release, debug, rt, kcsan, module; this is base' },
	],
	['a test of another kernel', { kernels: ['base'] }, { ...machine, kernel: 'base' }, undefined],
	['the calls are there', copies, machine, undefined],
	[
		'the config promises a call that gives ENOSYS',
		copies,
		{ ...stranger, config: machine.config },
		{
			kind: 'failure',
			reason: 'CONFIG_CROSS_MEMORY_COPY promises copy_from_process(), which gives ENOSYS',
		},
	],
	[
		'the kernel was to have the call, its config does not',
		copies,
		{ ...lacksCalls, config: undefined },
		{ kind: 'failure', reason: 'the release kernel lacks copy_from_process(): it gives ENOSYS' },
	],
	[
		'nobody promises the call',
		copies,
		{ ...stranger, config: config('CONFIG_X=y') },
		{ kind: 'skip', reason: 'needs copy_from_process(), which gives ENOSYS' },
	],
	[
		'a skip comes before the failure, as what is missing may be why',
		{ ...copies, config: ['CONFIG_SECRETMEM'] },
		lacksCalls,
		{ kind: 'skip', reason: 'needs CONFIG_SECRETMEM, which is not set' },
	],
];

for (const [title, needs, on, expected] of rows) {
	test(title, (t) => {
		t.deepEqual(unmetNeed(needs, on), expected);
	});
}

test('versions are compared by number, as far as the minimum goes', (t) => {
	t.true(compareVersions('7.3.4', '7.3') === 0);
	t.true(compareVersions('7.10', '7.9') > 0);
	t.true(compareVersions('6.18.44-fc', '7') < 0);
	t.true(compareVersions('7.3', '7.3.1') < 0);
	t.throws(() => compareVersions('next', '7.3'), { message: /kernel release "next"/ });
});

test('an unknown kernel is an error, not a skip', (t) => {
	t.is(parseKernel('debug'), 'debug');
	t.is(parseKernel(''), undefined);
	t.throws(() => parseKernel('relaese'), { message: /FASTIPC_KERNEL is "relaese", expected/ });
});

test('this machine has the calls that Node itself makes, and no others', (t) => {
	const { hasSystemCall } = readMachine();
	t.true(hasSystemCall('getpid'));
	t.throws(() => hasSystemCall('no_such_call'), { message: /syscall-bindings doesn't know/ });
});
