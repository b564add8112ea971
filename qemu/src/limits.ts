// SPDX-License-Identifier: GPL-2.0-only
import type { Accelerator } from './command-line.js';

/** What makes a guest slower than one under KVM. */
export interface Speed {
	accelerator: Accelerator;
	/** The debug kernel: KASAN, lockdep and the like in every function. */
	debugChecks: boolean;
	icount: boolean;
}

/** How long a guest may take if the caller doesn't say. */
export interface Limits {
	/** How much slower than under KVM the guest is taken to be. */
	factor: number;
	/** From QEMU's start until init reports. */
	bootSeconds: number;
	/** Without a byte on stdout, stderr or the console. */
	silenceSeconds: number;
}

const bootSecondsUnderKvm = 20;
const silenceSecondsUnderKvm = 100;

/** The limits of a guest: those under KVM times 3 for TCG, 3 for debug checks, 2 for icount. */
export function limitsFor({ accelerator, debugChecks, icount }: Speed): Limits {
	const factor = (accelerator === 'tcg' ? 3 : 1) * (debugChecks ? 3 : 1) * (icount ? 2 : 1);
	return {
		factor,
		bootSeconds: bootSecondsUnderKvm * factor,
		silenceSeconds: silenceSecondsUnderKvm * factor,
	};
}
