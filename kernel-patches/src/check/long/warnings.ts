// SPDX-License-Identifier: GPL-2.0-only
import { readComplaint } from '../../make-output.js';
import type { Checker } from '../checker.js';
import { compareTouched } from './touched-objects.js';

/**
 * sparse 0.6.4, which Debian has, doesn't know an operator that Linux's make tries it with. The
 * headers use another one where sparse reads them.
 */
const checker = 'sparse -D__typeof_unqual__=__typeof__';

/** What the compiler says when it is asked to say more, and sparse. */
export const warnings: Checker = {
	name: 'warnings',
	description: 'W=1 and sparse on the files touched, compared with the base; each is compiled',
	projects: ['linux'],
	isLong: true,
	check: (checked) =>
		compareTouched(
			checked,
			'warnings',
			[
				{ rule: 'warnings/gcc', words: ['W=1'] },
				// What is compiled already is only looked at by sparse.
				{ rule: 'warnings/sparse', words: ['W=1', 'C=2', `CHECK=${checker}`] },
			],
			readComplaint,
		),
};
