// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';

import { isSystemError } from './system-error.js';

/** 0: as without Yama, 1: descendants only, 2: CAP_SYS_PTRACE only, 3: nobody. */
export type YamaScope = 0 | 1 | 2 | 3;

const scopes: ReadonlyMap<string, YamaScope> = new Map([
	['0', 0],
	['1', 1],
	['2', 2],
	['3', 3],
]);

const scopeFile = '/proc/sys/kernel/yama/ptrace_scope';

function readScope(): string | undefined {
	try {
		return readFileSync(scopeFile, 'ascii').trim();
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) {
			return undefined;
		}
		throw error;
	}
}

/**
 * How far Yama restricts ptrace, and with it copying between processes:
 * `/proc/sys/kernel/yama/ptrace_scope`, see Documentation/admin-guide/LSM/Yama.rst.
 * @returns the scope, or undefined where the kernel has no Yama
 * @throws Error where the file holds something else; Node's own where it can't be read
 * @example
 * ```ts
 * import { getYamaScope } from '@fastipc/syscall-bindings';
 *
 * if (getYamaScope() === 1) {
 * 	console.log('only ancestors, and whom prctl(PR_SET_PTRACER) names, may copy');
 * }
 * ```
 */
export function getYamaScope(): YamaScope | undefined {
	const content = readScope();
	if (content === undefined) {
		return undefined;
	}
	const scope = scopes.get(content);
	if (scope === undefined) {
		throw new Error(`${scopeFile} must hold a number from 0 to 3, it holds "${content}"`);
	}
	return scope;
}
