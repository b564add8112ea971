// SPDX-License-Identifier: GPL-2.0-only

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * Aborts when somebody wants this process to end, with the signal's name as the reason. From then
 * on the caller has to end it; a further signal does so at once.
 */
export function abortOnSignals(): AbortSignal {
	const controller = new AbortController();
	for (const signal of signals) {
		process.once(signal, () => {
			controller.abort(signal);
		});
	}
	return controller.signal;
}
