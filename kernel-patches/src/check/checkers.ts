// SPDX-License-Identifier: GPL-2.0-only
import type { Checker } from './checker.js';
import { body } from './quick/body.js';
import { checkpatch } from './quick/checkpatch.js';
import { complete } from './quick/complete.js';
import { cover } from './quick/cover.js';
import { kconfig } from './quick/kconfig.js';
import { kernelDoc } from './quick/kernel-doc.js';
import { maintainers } from './quick/maintainers.js';
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
];
