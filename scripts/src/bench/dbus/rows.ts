// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from '@fastipc/kernel-patches';
import { z } from 'zod';
import { requireDirect } from './directness.js';
import { requireOthers } from './others.js';
import { figureName, type Figure, type Figures } from './figures.js';
import type { Measurement } from './plan.js';
import {
	askedAs,
	clients,
	subjects,
	workloads,
	type Client,
	type Subject,
	type Workload,
} from './subjects.js';

/** What `--json` writes. */
export const rowsSchema = z.array(
	z.strictObject({
		subject: z.enum(subjects),
		client: z.enum(clients),
		workload: z.enum(workloads),
		bytes: z.int().nonnegative(),
		/** Of kernel, daemon and both ends, for one message; for a call with its reply. */
		instructions: z.number().positive(),
		/** The same in time; null where there is no KVM that would make it mean something. */
		nanoseconds: z.number().positive().nullable(),
	}),
);

/** What one message costs. */
export type DbusRow = z.infer<typeof rowsSchema>[number];

/** The figures of one boot. */
export interface Pass {
	/** What the guest's clock counts. */
	clock: 'instructions' | 'time';
	found: Figures;
}

/** The row of that figure, if it was measured. */
export function findRow(
	rows: readonly DbusRow[],
	subject: Subject,
	client: Client,
	workload: Workload,
	bytes: number,
): DbusRow | undefined {
	return rows.find(
		(row) =>
			row.subject === subject &&
			row.client === client &&
			row.workload === workload &&
			row.bytes === bytes,
	);
}

/** What a figure was asked for as. */
function measurementOf(figure: Figure, plan: readonly Measurement[]): Measurement {
	const name = figureName({ ...figure, workload: askedAs(figure.workload) });
	const found = plan.find((measurement) => figureName(measurement) === name);
	if (found === undefined) {
		throw new Error(`${name} isn't in the plan`);
	}
	return found;
}

/** Whatever is wrong is told together, for to measure it again takes long. */
function requireAll(passes: readonly Pass[], plan: readonly Measurement[]): void {
	const problems: string[] = [];
	for (const { found } of passes) {
		for (const figure of found.figures) {
			if (!found.direct || figure.subject !== 'AF_DBUS') {
				continue;
			}
			try {
				requireDirect(figure, measurementOf(figure, plan));
				requireOthers(figure, found.queueMax);
			} catch (error) {
				if (!(error instanceof UserError)) {
					throw error;
				}
				problems.push(error.message);
			}
		}
	}
	if (problems.length > 0) {
		throw new UserError(problems.join('\n'));
	}
}

/**
 * Makes the result of all boots: instructions from that which counted them, and beside them the
 * time from that which measured it.
 * @throws UserError if messages on AF_DBUS went through the daemon that had to go directly, or
 *   others on the bus weren't there as they had to be
 */
export function joinPasses(passes: readonly Pass[], plan: readonly Measurement[]): DbusRow[] {
	requireAll(passes, plan);
	const of = (clock: Pass['clock']) =>
		passes.filter((pass) => pass.clock === clock).flatMap(({ found }) => found.figures);
	const times = new Map(of('time').map((figure) => [figureName(figure), figure.nanoseconds]));
	return of('instructions').map((figure) => ({
		subject: figure.subject,
		client: figure.client,
		workload: figure.workload,
		bytes: figure.bytes,
		instructions: figure.nanoseconds,
		nanoseconds: times.get(figureName(figure)) ?? null,
	}));
}
