// SPDX-License-Identifier: GPL-2.0-only
import type { Checker } from './checker.js';
import { eachPatch } from './long/each-patch.js';
import { headers } from './long/headers.js';
import { kselftests } from './long/kselftests.js';
import { machines } from './long/machines.js';
import { semantic } from './long/semantic.js';
import { warnings } from './long/warnings.js';
import { body } from './quick/body.js';
import { checkpatch } from './quick/checkpatch.js';
import { complete } from './quick/complete.js';
import { cover } from './quick/cover.js';
import { kconfig } from './quick/kconfig.js';
import { kernelDoc } from './quick/kernel-doc.js';
import { maintainers } from './quick/maintainers.js';
import { pages } from './quick/pages.js';
import { numbers } from './quick/numbers.js';
import { spelling } from './quick/spelling.js';
import { stable } from './quick/stable.js';
import { subject } from './quick/subject.js';
import { tags } from './quick/tags.js';

/** Those that take seconds. */
export const quickCheckers: readonly Checker[] = [
	cover,
	subject,
	body,
	tags,
	stable,
	checkpatch,
	spelling,
	kernelDoc,
	maintainers,
	kconfig,
	complete,
	numbers,
	pages,
];

/** Those that compile kernels: hours, the first time. */
export const longCheckers: readonly Checker[] = [
	headers,
	kselftests,
	warnings,
	semantic,
	machines,
	eachPatch,
];
