// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import type { Figure } from '../src/bench/dbus/figures.js';
import { planFor } from '../src/bench/dbus/plan.js';
import { joinPasses } from '../src/bench/dbus/rows.js';
import { savedFigures, savedQueueMax } from './bench-fixtures/saved-buses.js';

const plan = planFor({ subjects: ['AF_DBUS'], workloads: ['stopped-reader', 'crowded'] });

/** Has one workload's counters be others, at one moment. */
function join(
	workload: Figure['workload'],
	moment: 'before' | 'after',
	changed: Record<string, number>,
): void {
	const change = (figure: Figure): Figure =>
		figure.workload === workload && figure.counters
			? {
					...figure,
					counters: { ...figure.counters, [moment]: { ...figure.counters[moment], ...changed } },
				}
			: figure;
	const found = savedFigures(plan, { direct: true, change });
	joinPasses([{ clock: 'instructions', found }], plan);
}

test('others that were there are enough', (t) => {
	t.notThrows(() => {
		join('crowded', 'after', { flows: 100_000 });
	});
	t.notThrows(() => {
		join('stopped-reader', 'after', { queued: savedQueueMax, left_full: 1 });
	});
});

test('a crowd without its flows is none', (t) => {
	t.throws(
		() => {
			join('crowded', 'after', { flows: 99_999 });
		},
		{ message: /was to have 100000 flows, the kernel knew 99999/ },
	);
});

for (const moment of ['before', 'after'] as const) {
	test(`a reader has no more unread than its quota ${moment} the calls`, (t) => {
		t.throws(
			() => {
				join('stopped-reader', moment, { queued: savedQueueMax + 1 });
			},
			{ message: /has 8388609 bytes unread, net\.dbus\.queue_max is 8388608$/ },
		);
	});

	for (const changed of [{ queued: 0 }, { left_full: 0 }]) {
		test(`a reader that isn't full ${moment} the calls: ${JSON.stringify(changed)}`, (t) => {
			t.throws(
				() => {
					join('stopped-reader', moment, changed);
				},
				{ message: /was to have its quota full; \d+ bytes were unread, and \d+ messages/ },
			);
		});
	}
}

test('a bus without others has none to look at', (t) => {
	t.notThrows(() => {
		join('no-reader', 'after', { queued: savedQueueMax + 1 });
	});
});
