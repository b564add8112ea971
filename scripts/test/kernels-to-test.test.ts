// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { kernelsToTest } from '../src/test/kernels-to-test.js';

/** Each as `flavour: stages`. */
function plan(given: Omit<Parameters<typeof kernelsToTest>[0], 'hostOnly'>): string[] {
	return kernelsToTest({ hostOnly: false, ...given }).map(
		({ flavour, conformance, raceSeconds, selftests, dbusTests, stormSeconds }) =>
			`${flavour}:${conformance ? ' conformance' : ''}${raceSeconds ? ` races ${raceSeconds} s` : ''}${selftests ? ' selftests' : ''}${dbusTests ? ' dbus-tests' : ''}${stormSeconds ? ` storm ${stormSeconds} s` : ''}`,
	);
}

test('every conformance test runs, and of the debug kernel what is quick', (t) => {
	t.deepEqual(plan({}), [
		'release: conformance races 1 s selftests',
		'base: conformance',
		'debug: selftests',
	]);
});

test('a kernel that was asked for is tested wholly', (t) => {
	t.deepEqual(plan({ kernel: 'all' }), [
		'release: conformance races 1 s selftests',
		'debug: conformance selftests',
		'base: conformance',
	]);
	t.deepEqual(plan({ kernel: 'debug' }), ['debug: conformance selftests']);
	t.deepEqual(plan({ kernel: 'base' }), ['base: conformance']);
	t.deepEqual(plan({ kernel: 'rt' }), ['rt: conformance selftests']);
});

test('races run where there are the calls, and nothing else does', (t) => {
	t.deepEqual(plan({ races: 30 }), ['release: races 30 s', 'debug: races 30 s']);
	t.deepEqual(plan({ races: 30, kernel: 'all' }), ['release: races 30 s', 'debug: races 30 s']);
	t.deepEqual(plan({ races: 30, kernel: 'rt' }), ['rt: races 30 s']);
});

test("libdbus's tests run where there is AF_DBUS, and nothing else does", (t) => {
	t.deepEqual(plan({ dbusTests: true }), ['release: dbus-tests']);
	t.deepEqual(plan({ dbusTests: true, kernel: 'debug' }), ['debug: dbus-tests']);
	t.deepEqual(plan({ dbusTests: true, kernel: 'all' }), [
		'release: dbus-tests',
		'debug: dbus-tests',
	]);
});

test('a storm goes on where the kernel watches itself, or where it was asked for', (t) => {
	t.deepEqual(plan({ storm: 600 }), ['debug: storm 600 s', 'kcsan: storm 600 s']);
	t.deepEqual(plan({ storm: 600, kernel: 'rt' }), ['rt: storm 600 s']);
});

test('the host alone needs no kernel', (t) => {
	t.deepEqual(kernelsToTest({ kernel: 'debug', hostOnly: true }), []);
});
