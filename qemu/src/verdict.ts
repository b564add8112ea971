// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';

const startedSchema = z.object({
	/** Since the kernel started, by its own clock. */
	uptimeMilliseconds: z.int().nonnegative(),
	/** How many the kernel found. */
	processors: z.int().positive(),
	/** /proc/sys/kernel/tainted before the command. */
	tainted: z.int().nonnegative(),
});

const verdictSchema = z.object({
	/** The command's status if it exited … */
	exit: z.int().min(0).max(255).optional(),
	/** … or the number of the signal that killed it. */
	signal: z.int().min(1).max(127).optional(),
	/** How many bytes the guest sent; the host must have got as many. */
	stdoutBytes: z.int().nonnegative(),
	stderrBytes: z.int().nonnegative(),
	/** /proc/sys/kernel/tainted after the command. */
	tainted: z.int().nonnegative(),
	/** What kmemleak reports, on a kernel with debug checks. */
	leaks: z.string().optional(),
});

const messageSchema = z.union([
	z.strictObject({ complaint: z.string() }),
	z.strictObject({ started: startedSchema }),
	z.strictObject({
		verdict: verdictSchema.refine(
			({ exit, signal }) => (exit === undefined) !== (signal === undefined),
			'needs either exit or signal',
		),
	}),
]);

export type Started = z.infer<typeof startedSchema>;

export type Verdict = z.infer<typeof verdictSchema>;

/** A line on the verdict port. */
export type VerdictMessage = z.infer<typeof messageSchema>;

/**
 * Reads a line of the verdict port.
 * @returns undefined for anything but a complete message of guest-init's, such as a line that
 *   was cut off when QEMU died
 */
export function parseVerdictLine(line: string): VerdictMessage | undefined {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}
	return messageSchema.safeParse(value).data;
}

/** The status a shell would give: the command's own, or 128 and the signal that killed it. */
export function commandStatus({ exit, signal }: Verdict): number {
	return exit ?? 128 + (signal ?? 0);
}
