// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { mayBeSlow, requireDirect } from '../src/bench/dbus/directness.js';
import type { Figure } from '../src/bench/dbus/figures.js';
import { planFor, type Measurement } from '../src/bench/dbus/plan.js';
import { joinPasses } from '../src/bench/dbus/rows.js';
import type { Workload } from '../src/bench/dbus/subjects.js';
import { savedFigures } from './bench-fixtures/saved-buses.js';

const plan = planFor({ subjects: ['AF_DBUS'] });

function saved(workload: Workload): [Figure, Measurement] {
	const measurement = plan.find((one) => one.workload === workload && one.bytes === 64);
	const figure = measurement && savedFigures([measurement], { direct: true }).figures.at(-1);
	if (measurement === undefined || figure === undefined) {
		throw new Error(`${workload} isn't in the plan`);
	}
	return [figure, measurement];
}

function withCounters(figure: Figure, changed: Record<string, number>): Figure {
	const { before = {}, after = {} } = figure.counters ?? {};
	return { ...figure, counters: { before, after: { ...after, ...changed } } };
}

for (const workload of [
	'call',
	'signal',
	'pipelined',
	'stopped-reader',
	'crowded',
	'message-call',
] as const) {
	test(`${workload}: as many may be slow as flows are learned, and not one more`, (t) => {
		const [figure, measurement] = saved(workload);
		t.notThrows(() => {
			requireDirect(figure, measurement);
		});
		const delivered = (figure.counters?.after['delivered'] ?? 0) - 1;
		t.throws(
			() => {
				requireDirect(withCounters(figure, { delivered }), measurement);
			},
			{ message: /has delivered \d+ of \d+ messages, .* by reason: flow \d+$/ },
		);
	});
}

test('replies have to go directly too', (t) => {
	const [figure, measurement] = saved('call');
	t.throws(
		() => {
			requireDirect(withCounters(figure, { answered: 8 }), measurement);
		},
		{ message: /^AF_DBUS, sd-bus, call of 64 B: the kernel has answered 0 of 200 messages/ },
	);
});

test('what libdbus has more of than its socket takes may go through the daemon', (t) => {
	const [figure, measurement] = saved('pipelined');
	const none = { ...withCounters(figure, { delivered: 0 }), messages: 10_000 };
	t.notThrows(() => {
		requireDirect({ ...none, client: 'libdbus', bytes: 8192 }, measurement);
	});
	for (const other of [
		{ ...none, client: 'libdbus' as const },
		{ ...none, bytes: 8192 },
		// Its sender waits after each 16 of them.
		{ ...none, client: 'libdbus' as const, workload: 'signal' as const, bytes: 65_536 },
	]) {
		t.throws(() => {
			requireDirect(other, measurement);
		});
	}
});

test('what libdbus writes in pieces may go through the daemon', (t) => {
	const [figure, measurement] = saved('call');
	const none = withCounters(figure, { delivered: 10, answered: 8 });
	const large = { ...none, bytes: 2 ** 20 };
	t.notThrows(() => {
		requireDirect({ ...large, client: 'libdbus' }, measurement);
	});
	for (const other of [large, { ...none, client: 'libdbus' as const }]) {
		t.throws(() => {
			requireDirect(other, measurement);
		});
	}
});

test('nothing delivered is never enough', (t) => {
	const [figure, measurement] = saved('call');
	const once = withCounters({ ...figure, messages: 1 }, { delivered: 10, answered: 8 });
	t.throws(
		() => {
			requireDirect(once, measurement);
		},
		{ message: /at least 1 were expected/ },
	);
});

test('a kernel that counts nothing proves nothing', (t) => {
	const [figure, measurement] = saved('call');
	t.throws(
		() => {
			requireDirect({ ...figure, counters: { before: {}, after: {} } }, measurement);
		},
		{ message: "/proc/net/dbus of this kernel doesn't count 'delivered'" },
	);
});

test('each life of a flow may begin with what is under way', (t) => {
	const [figure, measurement] = saved('pipelined');
	const lives = { ...figure, messages: 1000, nanoseconds: 350_000 };
	t.is(mayBeSlow(lives, { ...measurement, lifetimeMs: 100 }), 2 * 64 * 4);
});

test('only where the kernel delivers, and on AF_DBUS, it is looked at', (t) => {
	const everything = planFor({ bytes: [64] });
	const change = (figure: Figure): Figure => ({ ...figure, counters: null });
	const found = savedFigures(everything, { direct: false });
	t.is(joinPasses([{ clock: 'instructions', found }], everything).length, everything.length + 2);
	const wrong = savedFigures(everything, { direct: true, change });
	t.throws(() => joinPasses([{ clock: 'instructions', found: wrong }], everything), {
		message: /doesn't count 'delivered'/,
	});
});
