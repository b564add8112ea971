// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { measurementWord, planFor, sizes } from '../src/bench/dbus/plan.js';
import { expectedFigures } from '../src/bench/dbus/figures.js';
import { besideOthers, subjects } from '../src/bench/dbus/subjects.js';

const plan = planFor({});

test('everything is measured once', (t) => {
	const names = expectedFigures(plan);
	t.is(new Set(names).size, names.length);
	// Four bodies or kinds, at all sizes, with both libraries; the others at their own sizes.
	const everywhere = subjects.length * 2 * (4 * sizes.length + 2);
	t.is(names.length, everywhere + 3 * 2 * 2 + 2 * 2 + 2 * 2);
});

test('a subject is measured in one go', (t) => {
	const changes = plan.filter(({ subject }, index) => plan[index - 1]?.subject !== subject);
	t.deepEqual(
		changes.map(({ subject }) => subject),
		[...subjects],
	);
});

test('what the limits are for takes whole lives of flows, as long as in life', (t) => {
	const judged = plan.filter(({ client, workload }) => client === 'sd-bus' && workload === 'call');
	t.is(judged.length, subjects.length * sizes.length);
	t.true(judged.every(({ lifetimeMs, lifetimes }) => lifetimeMs === 1000 && lifetimes >= 2));
});

test('flows outlive what is held against an empty bus, or counted message by message', (t) => {
	const besides: string[] = besideOthers.map(([beside]) => beside);
	const steady = plan.filter(
		({ client, workload }) => client === 'raw' || besides.includes(workload),
	);
	t.is(steady.length, 2 * 2 + besides.length);
	t.true(steady.every(({ lifetimeMs, lifetimes }) => lifetimeMs === 60_000 && lifetimes === 0));
});

test('large messages are sent fewer times, and those of many senders fewer times by each', (t) => {
	const least = (workload: string, bytes: number) =>
		plan.find((one) => one.workload === workload && one.bytes === bytes)?.least ?? 0;
	t.is(least('call', 64), 200);
	t.is(least('call-8-clients', 64), 25);
	t.is(least('call-64-clients', 64), 8);
	t.true(least('call', 2 ** 20) < 10);
	t.is(least('call-asv', 2 ** 20), 1);
});

test('a part can be measured alone', (t) => {
	const some = planFor({
		subjects: ['AF_DBUS', 'dbus-daemon'],
		clients: ['sd-bus'],
		workloads: ['call', 'crowded', 'stopped-reader'],
		bytes: [64],
	});
	t.deepEqual(some.map(measurementWord), [
		'AF_DBUS,sd-bus,call,64,16,200,1000,2',
		'AF_DBUS,sd-bus,stopped-reader,64,16,2000,60000,0',
		'AF_DBUS,sd-bus,crowded,64,16,2000,60000,0',
		'dbus-daemon,sd-bus,call,64,16,200,1000,2',
	]);
	t.deepEqual(planFor({ workloads: ['crowded'], bytes: [0] }), []);
});
