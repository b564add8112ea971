// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { parseFigures } from '../../src/bench/copy/figures.js';
import { requestFor } from '../../src/bench/copy/plan.js';
import type { Pass } from '../../src/bench/copy/rows.js';

const packageFile = import.meta.resolve('@fastipc/scripts/package.json');

/** The lines of a real `--quick` run on that kernel. */
export function savedLines(kernel: Pass['kernel']): string[] {
	const file = new URL(`test/bench-fixtures/${kernel}.jsonl`, packageFile);
	const text = readFileSync(file, 'utf8');
	return text.trimEnd().split('\n');
}

/** The same as what the boot brought. */
export function savedPass(kernel: Pass['kernel'], clock: Pass['clock'] = 'instructions'): Pass {
	return { kernel, clock, figures: parseFigures(savedLines(kernel), requestFor(kernel, true)) };
}
