// SPDX-License-Identifier: GPL-2.0-only

/** What a kernel says when something is wrong with it, by who says it. */
export const reportKinds = [
	'panic',
	'KASAN',
	'KCSAN',
	'KFENCE',
	'UBSAN',
	'lockdep',
	'RCU stall',
	'hung task',
	'lockup',
	'kmemleak',
	'oops',
	'warning',
	'bug',
] as const;

export type ReportKind = (typeof reportKinds)[number];

interface Rule {
	kind: ReportKind;
	pattern: RegExp;
}

// From kernel/locking/lockdep.c and include/linux/lockdep.h; between lines of equals signs.
const lockdepTitles = [
	'possible circular locking dependency detected',
	'possible recursive locking detected',
	'possible irq lock inversion dependency detected',
	'inconsistent lock state',
	'\\S+-safe -> \\S+-unsafe lock order detected',
	'chain_key collision',
	'Nested lock was not taken',
	'bad unlock balance detected!',
	'bad contention detected!',
	'held lock freed!',
	'.+ still has locks held!',
	'lock held when returning to user space!',
	'suspicious RCU usage',
	'Invalid wait context',
];

/**
 * The first that matches names a line. Patterns are anchored where the kernel's own format strings
 * begin, so that a mere mention of BUG in the middle of a line isn't one.
 */
const rules: readonly Rule[] = [
	{ kind: 'panic', pattern: /^Kernel panic - not syncing/ },
	{ kind: 'KASAN', pattern: /^BUG: KASAN: / },
	{ kind: 'KCSAN', pattern: /^BUG: KCSAN: / },
	{ kind: 'KFENCE', pattern: /^BUG: KFENCE: / },
	{ kind: 'UBSAN', pattern: /^UBSAN: / },
	{ kind: 'lockdep', pattern: new RegExp(`^(?:WARNING|\\[ BUG): (?:${lockdepTitles.join('|')})`) },
	{ kind: 'lockdep', pattern: /^INFO: trying to register non-static key/ },
	{
		kind: 'RCU stall',
		pattern: /^(?:\S+: )?INFO: \S+ (?:self-)?detected (?:expedited )?stalls?\b/,
	},
	{ kind: 'hung task', pattern: /^INFO: task .+ blocked.* for more than \d+ seconds/ },
	{ kind: 'lockup', pattern: /^(?:watchdog: )?BUG: (?:soft lockup|workqueue lockup)/ },
	{ kind: 'lockup', pattern: /^(?:\S+: )?CPU\d+: Watchdog detected hard LOCKUP/ },
	{ kind: 'kmemleak', pattern: /^kmemleak: \d+ new suspected memory leaks/ },
	{ kind: 'oops', pattern: /^BUG: kernel NULL pointer dereference/ },
	{ kind: 'oops', pattern: /^BUG: unable to handle / },
	{ kind: 'oops', pattern: /^(?:Oops|PANIC): / },
	{ kind: 'oops', pattern: /^kernel BUG at / },
	{ kind: 'oops', pattern: /^general protection fault/ },
	{ kind: 'warning', pattern: /^WARNING: / },
	// "BUG: sleeping function called …", "BUG: Bad page state …", "[ BUG: … ]" and SLUB's
	// "BUG kmalloc-64 (Not tainted): Redzone overwritten".
	{ kind: 'bug', pattern: /^(?:\[ )?BUG: / },
	{ kind: 'bug', pattern: /^BUG \S+ \(.*\): / },
];

/** The message of a console line: without time stamp and caller (`[    1.753346][    T1] `). */
export function stripPrefix(line: string): string {
	return line.replace(/^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?/, '');
}

/** The kind of report that a message begins, or undefined if it begins none. */
export function kindOfMessage(message: string): ReportKind | undefined {
	return rules.find(({ pattern }) => pattern.test(message))?.kind;
}
