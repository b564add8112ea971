// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';

/** What to measure, and on what. */
export interface MpiBenchOptions {
	/** One large message between two ranks only. */
	quick?: boolean | undefined;
	/** The patched kernel, without checkers or with them. */
	kernel?: 'release' | 'debug' | undefined;
	/** A bzImage to take instead of the one that would be built. */
	image?: string | undefined;
	/** Build from this Linux git tree instead of the pinned one. */
	tree?: string | undefined;
	/** Is told what is run, and how far it is. */
	report: Reporter;
	/** Ends the measurement when aborted. */
	interrupt?: AbortSignal | undefined;
}
