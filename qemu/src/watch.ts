// SPDX-License-Identifier: GPL-2.0-only
import { statSync } from 'node:fs';
import type { Stop } from './ending.js';

/** What the watch looks at and does. */
export interface WatchOptions {
	/** Each in seconds; 0: no such limit. */
	limits: { boot: number; silence: number; total: number };
	/** The file whose growth counts as a sign of life. */
	consoleLog: string;
	/** Whether somebody else is the cause of a silence: the reader of our output. */
	isHeldUp: () => boolean;
	/** Is called when a limit is over. */
	stop: (reason: Stop) => void;
}

/** Limits the time of a run. */
export interface Watch {
	/** The guest has reported: the limit of the boot no longer applies. */
	booted(): void;
	/** Something came from the guest: the silence starts anew. */
	heard(): void;
	/** Nothing is watched any more. */
	end(): void;
}

function after(seconds: number, action: () => void): NodeJS.Timeout | undefined {
	return seconds === 0 ? undefined : setTimeout(action, seconds * 1000);
}

// Calls an action after some time without a sign of life: a call of heard(), or a longer console.
function watchSilence({ limits, consoleLog, isHeldUp, stop }: WatchOptions): Omit<Watch, 'booted'> {
	const seconds = limits.silence;
	let consoleSize = 0;
	const timer = after(seconds, () => {
		const { size } = statSync(consoleLog);
		if (size > consoleSize || isHeldUp()) {
			consoleSize = size;
			timer?.refresh();
		} else {
			stop({ cause: 'silence', seconds });
		}
	});
	return {
		heard() {
			timer?.refresh();
		},
		end() {
			clearTimeout(timer);
		},
	};
}

/** Starts to watch a run. */
export function watchRun(options: WatchOptions): Watch {
	const { limits, stop } = options;
	const silence = watchSilence(options);
	const boot = after(limits.boot, () => {
		stop({ cause: 'boot limit', seconds: limits.boot });
	});
	const total = after(limits.total, () => {
		stop({ cause: 'time limit', seconds: limits.total });
	});
	return {
		booted() {
			clearTimeout(boot);
			silence.heard();
		},
		heard: silence.heard,
		end() {
			clearTimeout(boot);
			clearTimeout(total);
			silence.end();
		},
	};
}
