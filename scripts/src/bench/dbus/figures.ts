// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import type { Measurement } from './plan.js';
import { clients, subjects, workloadBefore, workloads } from './subjects.js';

const kernelSchema = z.strictObject({
	/** Whether the kernel delivers messages itself. */
	direct: z.boolean(),
	/** How many bytes of those a connection may leave unread: net.dbus.queue_max. */
	queueMax: z.int().nonnegative().nullable(),
});

/** What the kernel counts of a bus, by the names that it has in /proc/net/dbus. */
const countersSchema = z.record(z.string(), z.int().nonnegative());

const figureSchema = z.strictObject({
	subject: z.enum(subjects),
	client: z.enum(clients),
	workload: z.enum(workloads),
	bytes: z.int().nonnegative(),
	/** How many were sent; an answered call is one. */
	messages: z.int().positive(),
	/** Of one of them, by the guest's clock: instructions, where the clock counts them. */
	nanoseconds: z.number().positive(),
	/** Of AF_DBUS where the kernel delivers directly. */
	counters: z.strictObject({ before: countersSchema, after: countersSchema }).nullable(),
});

/** One line of bus-bench. */
export type Figure = z.infer<typeof figureSchema>;

/** All lines of bus-bench. */
export interface Figures extends z.infer<typeof kernelSchema> {
	figures: Figure[];
}

function parseLine<Value>(line: string, schema: z.ZodType<Value>, what: string): Value {
	try {
		return schema.parse(JSON.parse(line));
	} catch (error) {
		const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
		throw new Error(`bus-bench printed a line that isn't ${what}: ${line}\n${reason}`, {
			cause: error,
		});
	}
}

/** What makes a figure the only one of its kind, in words. */
export function figureName(
	figure: Pick<Measurement, 'subject' | 'client' | 'workload' | 'bytes'>,
): string {
	return `${figure.subject}, ${figure.client}, ${figure.workload} of ${figure.bytes} B`;
}

/** The names of the figures that a plan has to bring. */
export function expectedFigures(plan: readonly Measurement[]): string[] {
	return plan.flatMap((measurement) => {
		const before = workloadBefore(measurement.workload);
		return [
			...(before === undefined ? [] : [figureName({ ...measurement, workload: before })]),
			figureName(measurement),
		];
	});
}

/**
 * Reads everything that bus-bench printed.
 * @throws Error if a line is broken, or a figure missing, there twice or not asked for
 */
export function parseFigures(lines: readonly string[], plan: readonly Measurement[]): Figures {
	const [first = '', ...others] = lines;
	const kernel = parseLine(first, kernelSchema, 'what it says first');
	const figures = others.map((line) => parseLine(line, figureSchema, 'a figure'));
	const missing = new Set(expectedFigures(plan));
	for (const figure of figures) {
		if (!missing.delete(figureName(figure))) {
			throw new Error(`bus-bench printed twice, or without being asked: ${figureName(figure)}`);
		}
	}
	const [name] = missing;
	if (name !== undefined) {
		throw new Error(`bus-bench left out ${missing.size} figures, the first of them ${name}`);
	}
	return { ...kernel, figures };
}
