// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';

/** How two callers share their targets, by the names that copy-callers has for it. */
export const arrangements = ['two-targets', 'same-range', 'disjoint-ranges'] as const;

const calls = ['copy_from_process', 'copy_to_process'] as const;

const rateSchema = z.strictObject({
	subject: z.enum(calls),
	arrangement: z.enum(arrangements),
	/** Of one call. */
	bytes: z.int().positive(),
	round: z.int().nonnegative(),
	/** Of both callers together. */
	bytesPerSecond: z.number().positive(),
});

/** One line of copy-callers. */
export type Rate = z.infer<typeof rateSchema>;

/** What two callers copy together, and what that is of the same with a target each. */
export interface CallersRow {
	subject: Rate['subject'];
	arrangement: Rate['arrangement'];
	bytes: number;
	/** The median of all rounds. */
	bytesPerSecond: number;
	/** Of the median with two targets; 1 for that itself. */
	ratio: number;
	/** What the ratio has to be at least; null for the baseline. */
	atLeast: number | null;
	kept: boolean;
}

/** One target may cost two callers at most a tenth of what two targets give them. */
const atLeast = 0.9;

/** How many lines so many rounds give. */
export function expectedRates(rounds: number): number {
	return rounds * calls.length * arrangements.length;
}

/**
 * Reads a line of copy-callers.
 * @throws Error that quotes the line
 */
export function parseRate(line: string): Rate {
	try {
		return rateSchema.parse(JSON.parse(line));
	} catch (error) {
		throw new Error(`copy-callers printed a line that isn't a rate: ${line}`, { cause: error });
	}
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((one, other) => one - other);
	const value = sorted[Math.floor(sorted.length / 2)];
	if (value === undefined) {
		throw new Error('copy-callers left out an arrangement');
	}
	return value;
}

/**
 * The medians of all rounds, held against the one with two targets.
 * @throws Error if an arrangement is missing
 */
export function callersRows(rates: readonly Rate[]): CallersRow[] {
	const medianOf = (subject: Rate['subject'], arrangement: Rate['arrangement']) =>
		median(
			rates
				.filter((rate) => rate.subject === subject && rate.arrangement === arrangement)
				.map(({ bytesPerSecond }) => bytesPerSecond),
		);
	return calls.flatMap((subject) => {
		const baseline = medianOf(subject, 'two-targets');
		return arrangements.map((arrangement) => {
			const bytesPerSecond = medianOf(subject, arrangement);
			const limit = arrangement === 'two-targets' ? null : atLeast;
			const ratio = bytesPerSecond / baseline;
			const kept = limit === null || ratio >= limit;
			const bytes = rates[0]?.bytes ?? 0;
			return { subject, arrangement, bytes, bytesPerSecond, ratio, atLeast: limit, kept };
		});
	});
}
