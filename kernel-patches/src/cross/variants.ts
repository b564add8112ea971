// SPDX-License-Identifier: GPL-2.0-only
import { isMatch } from 'matcher';
import path from 'node:path';
import { packageDirectory } from '../base.js';
import { mergeFragments, readFragments, type RequestedOption } from '../fragments.js';
import { kernelSources, objectOf } from '../touched-files.js';
import type { Architecture } from './architectures.js';

/** How the options of the series can be set. */
export interface Variant {
	name: 'on' | 'off' | 'none';
	/** In words. */
	description: string;
	/** Values of options by name. */
	options: Readonly<Record<string, 'y' | 'm' | 'n'>>;
	/** The sources of which such a kernel is not made; `*` stands for anything. */
	without: readonly string[];
}

const withoutKunit = { CONFIG_KUNIT: 'n', CONFIG_AF_DBUS_KUNIT_TEST: 'n' } as const;

/** All of them. The first is made of everything that the series touch. */
export const variants: readonly Variant[] = [
	{
		name: 'on',
		description: 'with the calls and AF_DBUS',
		options: {
			CONFIG_AF_DBUS: 'y',
			CONFIG_CROSS_MEMORY_COPY: 'y',
			CONFIG_CROSS_MEMORY_ATTACH: 'y',
			CONFIG_REMOTE_COPY: 'y',
		},
		without: [],
	},
	{
		name: 'off',
		description: 'without the calls, AF_DBUS as a module',
		options: {
			...withoutKunit,
			CONFIG_AF_DBUS: 'm',
			CONFIG_CROSS_MEMORY_COPY: 'n',
			CONFIG_CROSS_MEMORY_ATTACH: 'y',
			CONFIG_REMOTE_COPY: 'y',
		},
		without: ['mm/cross_memory.c', 'net/dbus/*_test.c'],
	},
	{
		name: 'none',
		description: 'without them, AF_DBUS and process_vm_readv()',
		options: {
			...withoutKunit,
			CONFIG_AF_DBUS: 'n',
			CONFIG_CROSS_MEMORY_COPY: 'n',
			CONFIG_CROSS_MEMORY_ATTACH: 'n',
			CONFIG_REMOTE_COPY: 'n',
		},
		without: [
			'mm/cross_memory.c',
			'mm/remote_copy.c',
			'mm/process_vm_access.c',
			'net/dbus/*',
			'net/unix/tap.c',
			'net/unix/upgrade.c',
		],
	},
];

/** For all of them: warnings are collected instead of ending the run, and nothing is compiled in vain. */
const common = {
	CONFIG_WERROR: 'n',
	CONFIG_DEBUG_INFO_NONE: 'y',
};

/** The options of a variant, as a fragment would ask for them, and those of all checks. */
export async function variantOptions({ name, options }: Variant): Promise<RequestedOption[]> {
	const own = Object.entries({ ...common, ...options }).map(([option, value], index) => {
		return { name: option, value, file: `cross-compilation, ${name}`, line: index + 1 };
	});
	return mergeFragments([
		await readFragments([path.join(packageDirectory, 'config', 'check.config')]),
		own,
	]);
}

/** Folders of which all is compiled that is configured: the headers there are for that, too. */
const folders = ['net/unix/'];

/**
 * The objects, and folders of objects, that are compiled for a machine.
 * @param touched the files that the series touch
 */
export function variantObjects(
	{ without }: Variant,
	{ folder }: Architecture,
	touched: readonly string[],
): string[] {
	const sources = kernelSources(touched, folder).filter((file) => !isMatch(file, without));
	return [...folders, ...sources.map(objectOf)];
}

/** The sources of machines for which nothing is compiled. */
export function foreignSources(
	touched: readonly string[],
	architectures: readonly Architecture[],
): string[] {
	const all = architectures.map(({ folder }) => folder);
	return touched.filter((file) => {
		const [, folder] = /^arch\/([^/]+)\/.*\.c$/.exec(file) ?? [];
		return folder !== undefined && !all.includes(folder);
	});
}
