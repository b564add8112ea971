// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { buildEnvironment, makeArguments } from '../src/toolchain.js';
import { makeTemporaryFolder, useTemporaryCache } from './helpers/temporary.js';

test.serial(
	"the caller's variables don't change the kernel, but say where ccache is",
	async (t) => {
		const cache = await useTemporaryCache(t);
		const other = await makeTemporaryFolder(t);
		const names = ['ARCH', 'KCFLAGS', 'LOCALVERSION', 'LC_ALL', 'CCACHE_DIR'];
		const before = names.map((name) => process.env[name]);
		t.teardown(() => {
			names.forEach((name, index) => {
				const value = before[index];
				if (value === undefined) {
					// eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- only way to unset one
					delete process.env[name];
				} else {
					process.env[name] = value;
				}
			});
		});
		Object.assign(process.env, { ARCH: 'arm64', KCFLAGS: '-g', LOCALVERSION: '-x', LC_ALL: 'de' });
		delete process.env['CCACHE_DIR'];
		const environment = buildEnvironment('/log');
		t.is(environment['ARCH'], undefined);
		t.is(environment['KCFLAGS'], undefined);
		t.is(environment['LC_ALL'], undefined);
		t.is(environment['LOCALVERSION'], '');
		t.is(environment['PATH'], process.env['PATH']);
		t.is(environment['CCACHE_DIR'], `${cache}/ccache`);
		t.is(environment['CCACHE_BASEDIR'], cache);
		process.env['CCACHE_DIR'] = other;
		t.is(buildEnvironment('/log')['CCACHE_DIR'], other);
	},
);

test('ccache is used only where it is', (t) => {
	const base = ['-C', '/t', 'O=/o', 'ARCH=x86', 'RUSTC=none', 'PAHOLE=none'];
	t.deepEqual(makeArguments('/t', '/o', { versions: '', ccache: false }), base);
	t.deepEqual(makeArguments('/t', '/o', { versions: '', ccache: true }), [
		...base,
		'CC=ccache gcc',
		'HOSTCC=ccache gcc',
	]);
});
