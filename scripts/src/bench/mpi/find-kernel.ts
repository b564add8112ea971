// SPDX-License-Identifier: GPL-2.0-only
import { ensureKernel, UserError } from '@fastipc/kernel-patches';
import { existsSync } from 'node:fs';
import { numbersFile } from '../copy/find-kernel.js';
import type { MpiBenchOptions } from './options.js';

/** A patched kernel to boot, and the numbers of its system calls. */
export interface MpiKernel {
	image: string;
	syscallNumbers: string;
}

/**
 * Finds or builds the patched kernel.
 * @throws UserError for everything that a person can put right
 */
export async function findMpiKernel(options: MpiBenchOptions): Promise<MpiKernel> {
	const { kernel = 'release', image, tree, report } = options;
	if (image !== undefined && !existsSync(image)) {
		throw new UserError(`--image ${image}: there is no such file`);
	}
	const found = image ?? (await ensureKernel(kernel, { tree, report })).image;
	return { image: found, syscallNumbers: numbersFile(found) };
}
