// SPDX-License-Identifier: GPL-2.0-only
import { run } from '../run.js';
import { distinctAddresses, parseAddress, type Address } from './address.js';

/** To whom a mail goes. */
export interface Recipients {
	to: Address[];
	cc: Address[];
}

/** Sorts what get_maintainer.pl printed: maintainers are asked, everybody else is told. */
export function parseMaintainers(output: string): Recipients {
	const found: Recipients = { to: [], cc: [] };
	for (const line of output.split('\n')) {
		const [, who = '', role = ''] = /^(.*?@[^\s>]+>?) \((.*)\)$/.exec(line) ?? [];
		const address = parseAddress(who);
		if (address !== undefined) {
			(/\b(?:maintainer|supporter)\b/.test(role) ? found.to : found.cc).push(address);
		}
	}
	return found;
}

/** Removes repetitions, and from Cc whoever is in To; somebody has to be in To. */
export function tidyRecipients({ to, cc }: Recipients): Recipients {
	const asked = distinctAddresses(to);
	const told = distinctAddresses([...asked, ...cc]).slice(asked.length);
	return asked.length > 0 ? { to: asked, cc: told } : { to: told.slice(0, 1), cc: told.slice(1) };
}

/**
 * Whom the tree's MAINTAINERS names for a patch, and the series' own lists.
 * @param tree a working tree of the kernel
 */
export async function findRecipients(
	patch: string,
	tree: string,
	lists: readonly string[],
): Promise<Recipients> {
	const args = [
		'scripts/get_maintainer.pl',
		'--no-git',
		'--no-git-fallback',
		'--no-rolestats',
		'--roles',
		patch,
	];
	// It would read a .get_maintainer.conf of the user's.
	const env = { ...process.env, HOME: '/nonexistent', LC_ALL: 'C.UTF-8' };
	const found = parseMaintainers(await run('perl', args, { cwd: tree, env }));
	const own = lists.map((address) => ({ name: '', address }));
	return tidyRecipients({ to: found.to, cc: [...own, ...found.cc] });
}
