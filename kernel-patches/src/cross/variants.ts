// SPDX-License-Identifier: GPL-2.0-only
import type { RequestedOption } from '../fragments.js';

/** How the options of the series can be set, and what is compiled then. */
export interface Variant {
	name: 'on' | 'off' | 'none';
	/** In words. */
	description: string;
	/** Values of options by name. */
	options: Readonly<Record<string, 'y' | 'm' | 'n'>>;
	/** The objects, and folders of objects, of what the series touch. */
	objects: readonly string[];
}

const everywhere = ['mm/gup.o', 'kernel/sys_ni.o', 'net/core/sock.o', 'net/socket.o', 'net/unix/'];
const shared = ['mm/remote_copy.o', 'mm/process_vm_access.o', ...everywhere];

/** All of them. */
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
		objects: ['mm/cross_memory.o', 'net/dbus/', ...shared],
	},
	{
		name: 'off',
		description: 'without the calls, AF_DBUS as a module',
		options: {
			CONFIG_AF_DBUS: 'm',
			CONFIG_CROSS_MEMORY_COPY: 'n',
			CONFIG_CROSS_MEMORY_ATTACH: 'y',
			CONFIG_REMOTE_COPY: 'y',
		},
		objects: ['net/dbus/', ...shared],
	},
	{
		name: 'none',
		description: 'without them, AF_DBUS and process_vm_readv()',
		options: {
			CONFIG_AF_DBUS: 'n',
			CONFIG_CROSS_MEMORY_COPY: 'n',
			CONFIG_CROSS_MEMORY_ATTACH: 'n',
			CONFIG_REMOTE_COPY: 'n',
		},
		objects: everywhere,
	},
];

/** For all of them: warnings are collected instead of ending the run, and nothing is compiled in vain. */
const common = {
	CONFIG_WERROR: 'n',
	CONFIG_DEBUG_INFO_NONE: 'y',
};

/** The options of a variant, as a fragment would ask for them. */
export function variantOptions({ name, options }: Variant): RequestedOption[] {
	return Object.entries({ ...common, ...options }).map(([option, value], index) => {
		return { name: option, value, file: `cross-compilation, ${name}`, line: index + 1 };
	});
}
