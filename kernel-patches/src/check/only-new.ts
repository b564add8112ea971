// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from './finding.js';

/**
 * What a finding is but for its line, and lines that its message names ("preceding lock on line 12"):
 * these change with what is above them.
 */
function identity({ rule, file, message }: Finding): string {
	return JSON.stringify([rule, file, message.replace(/\bline \d+/g, 'line')]);
}

/**
 * Those of the findings that the base doesn't have; of several that are alike, as many as there are
 * more.
 */
export function onlyNew(findings: readonly Finding[], base: readonly Finding[]): Finding[] {
	const old = new Map<string, number>();
	for (const finding of base) {
		old.set(identity(finding), (old.get(identity(finding)) ?? 0) + 1);
	}
	return findings.filter((finding) => {
		const count = old.get(identity(finding)) ?? 0;
		old.set(identity(finding), count - 1);
		return count <= 0;
	});
}
