// SPDX-License-Identifier: GPL-2.0-only
import { ensureKernel, type KernelFlavour, type Reporter } from '@fastipc/kernel-patches';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** A kernel that guests can boot. */
export interface FoundKernel {
	image: string;
	/** The file of its system call numbers; undefined where there is none. */
	syscallNumbers: string | undefined;
	/** The folder of its modules, which isn't there if it has none; undefined where there is none. */
	modules: string | undefined;
}

/** Finds, or builds, the kernel of a flavour; once, so that a failed build isn't tried again. */
export type KernelFinder = (flavour: KernelFlavour) => Promise<FoundKernel>;

/**
 * Where the kernels of a test run come from.
 * @param image a bzImage to take for every flavour instead of those that would be built
 */
export function createKernelFinder(image: string | undefined, report: Reporter): KernelFinder {
	const found = new Map<KernelFlavour, Promise<FoundKernel>>();
	return (flavour) => {
		const kernel =
			found.get(flavour) ??
			(image === undefined ? ensureKernel(flavour, { report }) : Promise.resolve(given(image)));
		found.set(flavour, kernel);
		return kernel;
	};
}

function given(image: string): FoundKernel {
	const beside = (name: string): string | undefined => {
		const file = path.resolve(path.dirname(image), name);
		return existsSync(file) ? file : undefined;
	};
	return { image, syscallNumbers: beside('syscall-numbers.json'), modules: beside('modules') };
}
