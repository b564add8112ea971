// SPDX-License-Identifier: GPL-2.0-only
import os from 'node:os';
import path from 'node:path';

/**
 * Where everything fetched or built is kept: `$XDG_CACHE_HOME/fastipc`, else `~/.cache/fastipc`.
 * It lies outside the checkout so that a second checkout does not fetch or build again. Following
 * the XDG base directory specification, a relative `XDG_CACHE_HOME` is ignored.
 */
export function cacheDirectory(): string {
	const configured = process.env['XDG_CACHE_HOME'];
	const root =
		configured !== undefined && path.isAbsolute(configured)
			? configured
			: path.join(os.homedir(), '.cache');
	return path.join(root, 'fastipc');
}

/** A path in the cache. */
export function cachePath(...segments: string[]): string {
	return path.join(cacheDirectory(), ...segments);
}
