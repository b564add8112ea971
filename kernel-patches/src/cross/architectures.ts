// SPDX-License-Identifier: GPL-2.0-only

/** A machine that the series are compiled for, but not run on. */
export interface Architecture {
	name: 'arm64' | 'riscv64' | 'powerpc64le' | 's390x' | 'i386';
	/** Linux's ARCH. */
	arch: string;
	/** Its folder below arch/. */
	folder: string;
	/** What stands before the names of the compiler and its like. */
	prefix: string;
	/** The make target of its usual configuration. */
	configuration: string;
	/** The tables of system calls that are generated for it, below include/generated. */
	tables: readonly string[];
	/** The headers with their numbers, likewise. */
	headers: readonly string[];
}

/** All of them. */
export const architectures: readonly Architecture[] = [
	{
		name: 'arm64',
		arch: 'arm64',
		folder: 'arm64',
		prefix: 'aarch64-linux-gnu-',
		configuration: 'defconfig',
		tables: ['asm/syscall_table_32.h', 'asm/syscall_table_64.h'],
		headers: ['asm/unistd_32.h', 'uapi/asm/unistd_64.h'],
	},
	{
		name: 'riscv64',
		arch: 'riscv',
		folder: 'riscv',
		prefix: 'riscv64-linux-gnu-',
		configuration: 'defconfig',
		tables: ['asm/syscall_table_32.h', 'asm/syscall_table_64.h'],
		headers: ['uapi/asm/unistd_32.h', 'uapi/asm/unistd_64.h'],
	},
	{
		name: 'powerpc64le',
		arch: 'powerpc',
		folder: 'powerpc',
		prefix: 'powerpc64le-linux-gnu-',
		configuration: 'ppc64le_defconfig',
		tables: ['asm/syscall_table_32.h', 'asm/syscall_table_64.h'],
		headers: ['uapi/asm/unistd_32.h', 'uapi/asm/unistd_64.h'],
	},
	{
		name: 's390x',
		arch: 's390',
		folder: 's390',
		prefix: 's390x-linux-gnu-',
		configuration: 'defconfig',
		tables: ['asm/syscall_table.h'],
		headers: ['uapi/asm/unistd_64.h'],
	},
	{
		name: 'i386',
		arch: 'i386',
		folder: 'x86',
		prefix: '',
		configuration: 'i386_defconfig',
		tables: ['asm/syscalls_32.h'],
		headers: ['uapi/asm/unistd_32.h'],
	},
];
