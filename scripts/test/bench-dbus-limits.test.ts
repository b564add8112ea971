// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { judge } from '../src/bench/dbus/limits.js';
import { planFor } from '../src/bench/dbus/plan.js';
import { joinPasses, type DbusRow } from '../src/bench/dbus/rows.js';
import {
	besideOthers,
	type Client,
	type Subject,
	type Workload,
} from '../src/bench/dbus/subjects.js';
import { savedFigures } from './bench-fixtures/saved-buses.js';

const plan = planFor({});
const rows = joinPasses(
	[{ clock: 'instructions', found: savedFigures(plan, { direct: true }) }],
	plan,
);

function row(
	subject: Subject,
	client: Client,
	workload: Workload,
	bytes: number,
	instructions: number,
): DbusRow {
	return { subject, client, workload, bytes, instructions, nanoseconds: null };
}

test('everything that the limits are for is judged', (t) => {
	const judgements = judge(rows);
	// Three bodies of five sizes and one of 1 MiB; two daemons, five sizes; the stopped reader
	// and the crowd; two of raw.
	t.is(judgements.length, 3 * 5 + 1 + 2 * 5 + 2 + 2);
	t.true(judgements.every(({ kept }) => kept));
});

const asked: readonly (readonly [Client, Workload, number, Subject, number])[] = [
	['sd-bus', 'call', 0, 'socketpair-addressed', 1.15],
	['sd-bus', 'call-asv', 65_536, 'socketpair-addressed', 1.15],
	['sd-bus', 'call', 2 ** 20, 'socketpair-addressed', 1.15],
	['sd-bus', 'call-as', 2 ** 20, 'socketpair-addressed', 0],
	['sd-bus', 'call', 65_536, 'dbus-broker', 0.6],
	['sd-bus', 'call', 2 ** 20, 'dbus-broker', 0],
	['sd-bus', 'call-as', 64, 'dbus-broker', 0],
	['sd-bus', 'call', 0, 'dbus-daemon', 0.36],
	['sd-bus', 'call', 64, 'socketpair', 0],
	['sd-bus', 'signal', 64, 'socketpair-addressed', 0],
	['libdbus', 'call', 64, 'socketpair-addressed', 0],
];

for (const [client, workload, bytes, baseline, atMost] of asked) {
	test(`the limit of ${client}, ${workload} of ${bytes} B against ${baseline} is ${atMost}`, (t) => {
		const at = (instructions: number) =>
			judge([
				row('AF_DBUS', client, workload, bytes, instructions),
				row(baseline, client, workload, bytes, 100_000),
			]).map((found) => [found.baseline, found.atMost, found.kept]);
		const limit = Math.round(atMost * 100_000);
		t.deepEqual(at(limit), atMost === 0 ? [] : [[baseline, atMost, true]]);
		t.deepEqual(at(limit + 1), atMost === 0 ? [] : [[baseline, atMost, false]]);
	});
}

for (const workload of ['message-signal', 'message-call'] as const) {
	test(`the kernel's own share of ${workload} is a difference`, (t) => {
		const at = (instructions: number) =>
			judge([
				row('AF_DBUS', 'raw', workload, 64, instructions),
				row('socketpair', 'raw', workload, 64, 2500),
			]).map(({ value, kept }) => [value, kept]);
		t.deepEqual(at(6000), [[3500, true]]);
		t.deepEqual(at(6001), [[3501, false]]);
	});
}

for (const [workload, before] of besideOthers) {
	test(`${workload} is held against the same bus without the others`, (t) => {
		const at = (instructions: number) =>
			judge([
				row('AF_DBUS', 'sd-bus', workload, 64, instructions),
				row('AF_DBUS', 'sd-bus', before, 64, 100_000),
			]).map(({ baseline, kept }) => [baseline, kept]);
		t.deepEqual(at(102_000), [[before, true]]);
		t.deepEqual(at(102_001), [[before, false]]);
	});
}

test('what was left out is no baseline', (t) => {
	t.deepEqual(judge([row('AF_DBUS', 'sd-bus', 'call', 64, 1)]), []);
});
