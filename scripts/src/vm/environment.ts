// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';

const standardPath = [
	'/usr/local/sbin',
	'/usr/local/bin',
	'/usr/sbin',
	'/usr/bin',
	'/sbin',
	'/bin',
];

/** What the environment of a command in the guest is made from. */
export interface EnvironmentSources {
	/** Path of node, which has to be found there too. */
	node: string;
	/** Name of our terminal's type, if there is one. */
	terminalType: string | undefined;
	/** File with the numbers of the kernel's system calls. */
	syscallNumbers: string | undefined;
	/** Set by the user, over everything else. */
	added: Readonly<Record<string, string>>;
}

/**
 * The environment of a command in the guest. Nothing of ours goes there unasked, so that a run is
 * the same for everybody.
 */
export function guestEnvironment(sources: EnvironmentSources): Record<string, string> {
	const { node, terminalType, syscallNumbers, added } = sources;
	const directories = [...new Set([...standardPath, path.dirname(node)])];
	return {
		PATH: directories.join(':'),
		HOME: '/root',
		USER: 'root',
		LANG: 'C.UTF-8',
		TERM: terminalType ?? 'dumb',
		...(syscallNumbers === undefined ? {} : { FASTIPC_SYSCALL_NUMBERS: syscallNumbers }),
		...added,
	};
}
