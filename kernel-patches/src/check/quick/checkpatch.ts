// SPDX-License-Identifier: GPL-2.0-only
import { tryRun } from '../../run.js';
import { commandError } from '../../run.js';
import { locate, type Patch } from '../../patch.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';

/** Reads what checkpatch printed about one patch. */
export function parseCheckpatch(patch: Patch, output: string): Finding[] {
	return output.split('\n').flatMap((text): Finding[] => {
		const [, number, type, message] =
			/^.*?:(\d+): (?:ERROR|WARNING|CHECK):(\w+): (.*)$/.exec(text) ?? [];
		if (number === undefined || type === undefined || message === undefined) {
			return [];
		}
		const line = Number(number);
		const file = locate(patch, line)?.path;
		return [{ rule: `checkpatch/${type}`, patch: patch.name, line, file, message }];
	});
}

/** Has the kernel's own checkpatch look at one patch, with everything that it knows. */
async function checkOne(patch: Patch, tree: string): Promise<Finding[]> {
	const args = [
		'scripts/checkpatch.pl',
		'--strict',
		'--show-types',
		'--terse',
		'--no-summary',
		'--color=never',
		// Only whoever mails the patch can sign it off.
		'--no-signoff',
		patch.file,
	];
	// It would read a .checkpatch.conf of the user's.
	const env = { ...process.env, HOME: '/nonexistent', LC_ALL: 'C' };
	const { status, stdout, stderr } = await tryRun('perl', args, { cwd: tree, env });
	const findings = parseCheckpatch(patch, stdout);
	if ((status === 0) !== (findings.length === 0)) {
		throw commandError('perl', args, status, stdout + stderr);
	}
	return findings;
}

/** scripts/checkpatch.pl --strict. */
export const checkpatch: Checker = {
	name: 'checkpatch',
	description: 'scripts/checkpatch.pl --strict',
	projects: ['linux'],
	check: async ({ patches, tree }) => {
		const findings: Finding[] = [];
		for (const patch of patches) {
			findings.push(...(await checkOne(patch, tree)));
		}
		return findings;
	},
};
