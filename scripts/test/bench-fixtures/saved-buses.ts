// SPDX-License-Identifier: GPL-2.0-only
import { mayBeSlow } from '../../src/bench/dbus/directness.js';
import type { Figure, Figures } from '../../src/bench/dbus/figures.js';
import type { Measurement } from '../../src/bench/dbus/plan.js';
import { isAnswered, workloadBefore, type Subject } from '../../src/bench/dbus/subjects.js';

/** What an empty message costs on each subject; all limits are kept, at all sizes. */
export const costs: Readonly<Record<Subject, number>> = {
	socketpair: 39_000,
	'socketpair-addressed': 47_000,
	AF_DBUS: 51_000,
	'dbus-broker': 94_000,
	'dbus-daemon': 153_000,
};

/** Of a message without a library. */
const rawCosts: Partial<Record<Subject, number>> = { socketpair: 2500, AF_DBUS: 5900 };

/** Of a kernel that delivers, in bytes. */
export const savedQueueMax = 8 * 2 ** 20;

/** How a machine differs from one where all is well. */
export interface SavedBuses {
	/** Whether the kernel delivers. */
	direct: boolean;
	/** Costs that are others. */
	costs?: Partial<Record<Subject, number>>;
	/** What is different in one figure. */
	change?: (figure: Figure) => Figure;
}

/** The counters of a measurement in which as many messages went through the daemon as may. */
function countersOf(figure: Figure, measurement: Measurement): Figure['counters'] {
	const { client, messages, workload } = figure;
	const calls = client === 'raw' && isAnswered(workload) ? messages / 2 : messages;
	const slow = Math.min(calls - 1, mayBeSlow(figure, measurement));
	const answered = isAnswered(workload) ? calls - slow : 0;
	const others = {
		flows: workload === 'crowded' ? 100_003 : 2,
		...(workload === 'stopped-reader'
			? { queued: savedQueueMax, left_full: 90 }
			: { queued: 0, left_full: 0 }),
	};
	return {
		before: { ...others, delivered: 10, answered: 8, left_flow: 2, left_order: 0 },
		after: {
			...{ ...others, delivered: 10 + calls - slow, answered: 8 + answered },
			...{ left_flow: 2 + slow, left_order: 0 },
		},
	};
}

function figureOf(
	measurement: Measurement,
	workload: Figure['workload'],
	saved: SavedBuses,
): Figure {
	const { subject, client, bytes, least } = measurement;
	const cost = { ...costs, ...(client === 'raw' && rawCosts), ...saved.costs }[subject];
	const figure: Figure = {
		...{ subject, client, workload, bytes, messages: least },
		nanoseconds: cost * (1 + bytes / 65_536),
		counters: null,
	};
	const counted =
		saved.direct && subject === 'AF_DBUS'
			? { ...figure, counters: countersOf(figure, measurement) }
			: figure;
	return saved.change?.(counted) ?? counted;
}

/** What bus-bench prints of a plan there. */
export function savedFigures(plan: readonly Measurement[], saved: SavedBuses): Figures {
	const figures = plan.flatMap((measurement) => {
		const before = workloadBefore(measurement.workload);
		return [
			...(before === undefined ? [] : [figureOf(measurement, before, saved)]),
			figureOf(measurement, measurement.workload, saved),
		];
	});
	return { direct: saved.direct, queueMax: saved.direct ? savedQueueMax : null, figures };
}

/** The same as lines. */
export function savedLines(plan: readonly Measurement[], saved: SavedBuses): string[] {
	const { figures, ...kernel } = savedFigures(plan, saved);
	return [kernel, ...figures].map((line) => JSON.stringify(line));
}
