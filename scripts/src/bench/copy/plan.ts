// SPDX-License-Identifier: GPL-2.0-only
import type { FigureRequest } from './figures.js';
import { memoryKinds, subjectsOf } from './subjects.js';

const KiB = 1024;
const MiB = 1024 * KiB;

/** From 1 B to 16 MiB by fours, and the two sizes between that limits are given for. */
const allSizes = [...Array.from({ length: 13 }, (_, power) => 4 ** power), 512, 2 * MiB].toSorted(
	(one, other) => one - other,
);

const quickSizes = [1, 512, 4 * KiB, 64 * KiB, 2 * MiB];

/** What is measured on a kernel. */
export function requestFor(kernel: 'base' | 'release', quick: boolean): FigureRequest {
	return {
		subjects: subjectsOf[kernel],
		sizes: quick ? quickSizes : allSizes,
		memories: quick ? ['small', 'thp'] : memoryKinds,
	};
}
