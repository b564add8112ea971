// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { packageDirectory } from './base.js';
import { exists } from './files.js';
import type { Series } from './series.js';
import { UserError } from './user-error.js';

/** All kernels that are built every day, in the order in which they are tested. */
export const everydayFlavours = ['release', 'debug', 'base'] as const;

/** Those, and the ones that are built when they are asked for. */
export const kernelFlavours = [...everydayFlavours, 'rt', 'kcsan', 'module'] as const;

/**
 * Which kernel: `release` with every series, `debug` the same with the checkers, `base` without any
 * patch, `rt` with every series and PREEMPT_RT, `kcsan` with every series and the checker of data
 * races, `module` with what the series add as modules.
 */
export type KernelFlavour = (typeof kernelFlavours)[number];

/** Whether whatever such a kernel does is checked, and takes several times as long for it. */
export function isChecked(flavour: KernelFlavour): boolean {
	return flavour === 'debug' || flavour === 'kcsan';
}

/** What a flavour is made of. */
export interface FlavourContents {
	/** In the order in which they are applied. */
	series: Series[];
	/** Paths of the configuration fragments, in order; later ones count more. */
	fragments: string[];
}

/**
 * Says which series and fragments make a flavour.
 * @param all every stored series; those of other projects than Linux are left out
 * @param configDirectory where the fragments are: guest.config, FLAVOUR.config, SERIES.config
 * @throws UserError if a series that adds options has no fragment to switch them on
 */
export function flavourContents(
	flavour: KernelFlavour,
	all: readonly Series[],
	configDirectory: string = path.join(packageDirectory, 'config'),
): FlavourContents {
	const fragment = (name: string): string => path.join(configDirectory, `${name}.config`);
	const series = flavour === 'base' ? [] : all.filter(({ project }) => project === 'linux');
	const withOptions = series.filter(({ options }) => options.length > 0);
	for (const { name } of withOptions) {
		if (!exists(fragment(name))) {
			throw new UserError(`the series ${name} adds options, and ${fragment(name)} is missing`);
		}
	}
	return {
		series,
		fragments: [
			fragment('guest'),
			...withOptions.map(({ name }) => fragment(name)),
			...(flavour === 'release' || flavour === 'base' ? [] : [fragment(flavour)]),
		],
	};
}
