// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { isWithoutBytes, memoryKinds, type MemoryKind } from './subjects.js';

const figureSchema = z.strictObject({
	subject: z.string().min(1),
	bytes: z.int().nonnegative(),
	memory: z.enum(memoryKinds),
	/** How many calls were timed. */
	iterations: z.int().positive(),
	/** Of one message by the guest's clock: instructions, where the clock counts them. */
	nanoseconds: z.number().positive(),
});

/** One line of copy-bench. */
export type Figure = z.infer<typeof figureSchema>;

/** What was asked of copy-bench. */
export interface FigureRequest {
	subjects: readonly string[];
	/** In bytes. */
	sizes: readonly number[];
	memories: readonly MemoryKind[];
}

/**
 * Reads a line that copy-bench printed.
 * @throws Error that quotes the line and says what is wrong with it
 */
export function parseFigure(line: string): Figure {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new Error(`copy-bench printed a line that isn't JSON: ${line}`, { cause: error });
	}
	const result = figureSchema.safeParse(value);
	if (!result.success) {
		throw new Error(
			`copy-bench printed a line that isn't a figure: ${line}\n${z.prettifyError(result.error)}`,
		);
	}
	return result.data;
}

/** What makes a figure the only one of its kind in one run, in words. */
export function figureName(figure: Pick<Figure, 'subject' | 'bytes' | 'memory'>): string {
	return `${figure.subject}, ${figure.bytes} B of ${figure.memory} memory`;
}

/** The names of the figures that a request has to bring. */
export function expectedFigures({ subjects, sizes, memories }: FigureRequest): string[] {
	return subjects.flatMap((subject) =>
		isWithoutBytes(subject)
			? memories.slice(0, 1).map((memory) => figureName({ subject, bytes: 0, memory }))
			: memories.flatMap((memory) =>
					(memory === 'pages' ? [64] : sizes).map((bytes) =>
						figureName({ subject, bytes, memory }),
					),
				),
	);
}

/**
 * Reads everything that copy-bench printed.
 * @throws Error if a line is broken, or a figure missing, there twice or not asked for
 */
export function parseFigures(lines: readonly string[], request: FigureRequest): Figure[] {
	const figures = lines.map(parseFigure);
	const missing = new Set(expectedFigures(request));
	for (const figure of figures) {
		if (!missing.delete(figureName(figure))) {
			throw new Error(`copy-bench printed twice, or without being asked: ${figureName(figure)}`);
		}
	}
	const [first] = missing;
	if (first !== undefined) {
		throw new Error(`copy-bench left out ${missing.size} figures, the first of them ${first}`);
	}
	return figures;
}
