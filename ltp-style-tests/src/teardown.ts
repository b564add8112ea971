// SPDX-License-Identifier: GPL-2.0-only

/** What has things done at its end: AVA's `t`, or what does that for several tests. */
export interface Teardown {
	teardown: (cleanUp: () => Promise<void>) => void;
}

/** A {@link Teardown} that comes when it is told to. */
export interface OwnTeardown extends Teardown {
	/**
	 * Does what was to be done, as AVA does: last things first, one after another, and all of them
	 * even where some fail.
	 * @throws AggregateError of what those threw
	 */
	end: () => Promise<void>;
}

/** For what goes on beyond a test, or is no test. */
export function createTeardown(): OwnTeardown {
	const cleanUps: (() => Promise<void>)[] = [];
	return {
		teardown: (cleanUp) => {
			cleanUps.push(cleanUp);
		},
		end: async () => {
			const failures: unknown[] = [];
			for (const cleanUp of cleanUps.toReversed()) {
				try {
					await cleanUp();
				} catch (error) {
					failures.push(error);
				}
			}
			if (failures.length > 0) {
				const reasons = failures.map(String).join('; ');
				throw new AggregateError(failures, `cleaning up failed: ${reasons}`);
			}
		},
	};
}
