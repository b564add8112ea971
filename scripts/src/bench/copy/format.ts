// SPDX-License-Identifier: GPL-2.0-only

const units = [
	['MiB', 1024 ** 2],
	['KiB', 1024],
] as const;

/** A size as people write it: `512 B`, `64 KiB`. */
export function formatBytes(bytes: number): string {
	const [unit, size] = units.find(([, size]) => bytes >= size && bytes % size === 0) ?? ['B', 1];
	return `${bytes / size} ${unit}`;
}

/** A count without its fraction, in groups of three digits. */
export function formatCount(count: number): string {
	return Math.round(count).toLocaleString('en-US');
}

/**
 * A ratio with as many digits as two runs agree in, and more only where it would else look as if it
 * kept a limit that it misses.
 */
export function formatRatio(ratio: number, atMost: number = Number.POSITIVE_INFINITY): string {
	const digits = [3, 4, 5, 6].find(
		(count) => Number(ratio.toFixed(count)) > atMost === ratio > atMost,
	);
	return ratio.toFixed(digits ?? 6);
}
