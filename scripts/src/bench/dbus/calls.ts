// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';

/** How many bytes the calls carry. */
export const sizes = [0, 64, 1024, 8192, 65_536] as const;

/** A call on AF_DBUS may cost so much of what it costs on AF_UNIX, where the daemon passes it on. */
export const atMost = 1.05;

const callSchema = z.strictObject({
	sockets: z.enum(['AF_UNIX', 'AF_DBUS']),
	bytes: z.int().nonnegative(),
	/** Instructions, under icount. */
	nanosecondsPerCall: z.int().positive(),
});

/** One line of bus-calls. */
export type Call = z.infer<typeof callSchema>;

/** What `--json` writes. */
export const rowsSchema = z.array(
	z.strictObject({
		bytes: z.int().nonnegative(),
		/** Instructions, of the daemon and both ends and the kernel. */
		unix: z.number().positive(),
		dbus: z.number().positive(),
		ratio: z.number().positive(),
		atMost: z.number().positive(),
		kept: z.boolean(),
	}),
);

/** What a call and its reply cost. */
export type CallRow = z.infer<typeof rowsSchema>[number];

/**
 * Reads a line of bus-calls.
 * @throws Error that quotes the line
 */
export function parseCall(line: string): Call {
	try {
		return callSchema.parse(JSON.parse(line));
	} catch (error) {
		throw new Error(`bus-calls printed a line that isn't a call: ${line}`, { cause: error });
	}
}

/**
 * Holds what calls cost on AF_DBUS against AF_UNIX.
 * @throws Error if a size is missing
 */
export function callRows(calls: readonly Call[]): CallRow[] {
	const find = (wanted: Call['sockets'], size: number): number => {
		const found = calls.find(({ sockets, bytes }) => sockets === wanted && bytes === size);
		if (found === undefined) {
			throw new Error(`bus-calls left out ${size} bytes on ${wanted}`);
		}
		return found.nanosecondsPerCall;
	};
	return sizes.map((bytes) => {
		const [unix, dbus] = [find('AF_UNIX', bytes), find('AF_DBUS', bytes)];
		return { bytes, unix, dbus, ratio: dbus / unix, atMost, kept: dbus <= atMost * unix };
	});
}
