// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from '@fastipc/kernel-patches';

/** What to measure, and on what. */
export interface CopyBenchOptions {
	/** Only the sizes and kinds of memory that show the shape of the result. */
	quick?: boolean | undefined;
	/** A bzImage to take as the patched kernel, instead of the one that would be built. */
	image?: string | undefined;
	/** A bzImage to take as the unpatched kernel. */
	baseImage?: string | undefined;
	/** Build both from this Linux git tree instead of the pinned one. */
	tree?: string | undefined;
	/** Is told what is run, and how far it is. */
	report: Reporter;
	/** Ends the measurement when aborted. */
	interrupt?: AbortSignal | undefined;
}
