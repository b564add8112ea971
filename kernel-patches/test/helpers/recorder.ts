// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '../../src/reporter.js';

/** A reporter that keeps what is said. */
export interface Recorder extends Reporter {
	said: string[];
}

/** Makes a reporter for tests. */
export function createRecorder(): Recorder {
	const said: string[] = [];
	return {
		said,
		say: (message) => {
			said.push(message);
		},
		progress: () => ({
			update: () => undefined,
			stop: () => undefined,
		}),
	};
}
