// SPDX-License-Identifier: GPL-2.0-only

// Documentation/admin-guide/tainted-kernels.rst, by number of the bit.
const meanings = [
	'a proprietary module was loaded',
	'a module was force loaded',
	'the kernel runs on an out of specification system',
	'a module was force unloaded',
	'a processor reported a machine check exception',
	'a bad page was referenced',
	'user space asked for the taint',
	'the kernel died (oops or BUG)',
	'an ACPI table was overridden',
	'the kernel issued a warning',
	'a staging driver was loaded',
	'a workaround for a bug in firmware was applied',
	'an externally built module was loaded',
	'an unsigned module was loaded',
	'a soft lockup occurred',
	'the kernel was live patched',
	'auxiliary taint',
	'the kernel was built with the struct randomization plugin',
	'an in-kernel test was run',
	'user space used a mutating debug operation',
] as const;

/**
 * The bits of /proc/sys/kernel/tainted in words.
 * @param taint at least one bit
 */
export function describeTaint(taint: number): string {
	const bits = Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => taint & (1 << bit));
	return bits.map((bit) => `${meanings[bit] ?? 'unknown'} (bit ${bit})`).join(', ');
}
