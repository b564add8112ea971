// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from './finding.js';

/** What a finding is but for its line, which changes with what is above it. */
function identity({ rule, file, message }: Finding): string {
	return JSON.stringify([rule, file, message]);
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
