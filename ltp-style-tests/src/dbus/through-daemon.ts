// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes of the same through the daemon alone and with the kernel's own delivery.
 */
import type { ExecutionContext } from 'ava';
import type { Way } from './both-ways.js';
import type { DaemonName } from './daemons.js';

/** Does on a bus of its own what is the same in each run, and returns what came of it. */
export type Play<Result> = (t: ExecutionContext, way: Way) => Promise<Result>;

/**
 * What comes of something through the daemon alone, which is done once for each daemon, as both
 * ways of a test want it.
 */
export function playThroughDaemon<Result>(play: Play<Result>): Play<Result> {
	const played = new Map<DaemonName, Result>();
	return async (t, way) => {
		const result = played.get(way.daemon) ?? (await play(t, { ...way, direct: false }));
		played.set(way.daemon, result);
		return result;
	};
}
