// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { planStages } from '../src/test/plan-stages.js';

/** The names of the stages, with a star where one needs the whole machine. None of them is run. */
function plan(
	given: Omit<Parameters<typeof planStages>[0], 'hostOnly'>,
	hostOnly = false,
): string[] {
	const options = {
		checkout: '/x',
		findKernel: () => Promise.reject(new Error('a plan needs no kernel')),
		report: {
			say: () => undefined,
			progress: () => ({ update: () => undefined, stop: () => undefined }),
		},
	};
	const run = {
		directory: '/x',
		match: undefined,
		interrupt: new AbortController().signal,
		say: () => undefined,
	};
	return planStages({ hostOnly, ...given }, options, run).map(
		({ name, wholeMachine }) => `${name}${wholeMachine ? '*' : ''}`,
	);
}

test('the longest begins, and what needs the whole machine comes last', (t) => {
	t.deepEqual(plan({}), [
		'debug-selftests',
		'host',
		'series',
		'debug-smack',
		'debug-selinux',
		'release-selftests',
		'dbus-release',
		'release*',
		'races-release*',
		'base',
	]);
	t.deepEqual(plan({}, true), ['host']);
});

test('a kernel that was asked for has all of its stages', (t) => {
	t.deepEqual(plan({ kernel: 'rt' }), ['rt-selftests', 'host', 'dbus-rt', 'rt*']);
	t.deepEqual(plan({ kernel: 'debug' }), [
		'debug-selftests',
		'host',
		'debug-smack',
		'debug-selinux',
		'dbus-debug',
		'debug*',
	]);
	t.deepEqual(plan({ kernel: 'base' }), ['host', 'base']);
	t.deepEqual(plan({ kernel: 'module' }), ['host', 'module*']);
});

test('long runs have no other stages', (t) => {
	t.deepEqual(plan({ races: 30 }), ['races-release*', 'races-debug*']);
	t.deepEqual(plan({ dbusTests: true }), ['dbus-tests-release*']);
	t.deepEqual(plan({ storm: 600 }), ['storm-debug*', 'storm-kcsan*']);
});
