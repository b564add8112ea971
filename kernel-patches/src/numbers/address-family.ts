// SPDX-License-Identifier: GPL-2.0-only

/** The address families of include/linux/socket.h by name, and the number after the last. */
export function familyNumbers(text: string): {
	families: ReadonlyMap<string, number>;
	end: number;
} {
	const families = new Map(
		Array.from(text.matchAll(/^#define AF_(\w+)\s+(\d+)\b/gm), ([, name = '', number]) => [
			name,
			Number(number),
		]),
	);
	const end = families.get('MAX') ?? 0;
	families.delete('MAX');
	return { families, end };
}
