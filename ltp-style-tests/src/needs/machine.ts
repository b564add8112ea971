// SPDX-License-Identifier: GPL-2.0-only
import { syscallNumbers, systemCall } from '@fastipc/syscall-bindings';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { gunzipSync } from 'node:zlib';
import { kernels, type Kernel } from './needs.js';

/** What tests can need and this machine has or lacks. */
export interface Machine {
	/** As uname says it, such as `7.3.4`. */
	release: string;
	/** Which of the project's kernels it runs; undefined on any other, such as the host's. */
	kernel: Kernel | undefined;
	/** The options that are set in /proc/config.gz; undefined where there is none. */
	config: ReadonlyMap<string, string> | undefined;
	root: boolean;
	cpus: number;
	/** False if the call gives ENOSYS. */
	hasSystemCall: (name: string) => boolean;
	hasFile: (path: string) => boolean;
}

const configFile = '/proc/config.gz';
const ENOSYS = 38;

/**
 * Looks at the machine that this process runs on. The environment variable FASTIPC_KERNEL
 * names its kernel; the test verb sets it.
 * @throws Error if that names no kernel
 */
export function readMachine(): Machine {
	return {
		release: os.release(),
		kernel: parseKernel(process.env['FASTIPC_KERNEL']),
		config: existsSync(configFile)
			? parseConfig(gunzipSync(readFileSync(configFile)).toString())
			: undefined,
		root: process.getuid?.() === 0,
		cpus: os.cpus().length,
		hasSystemCall,
		hasFile: existsSync,
	};
}

/** The options that a kernel's .config sets. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
	return new Map(
		[...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
	);
}

/**
 * The kernel that FASTIPC_KERNEL names; undefined where it is empty or not set.
 * @throws Error with the names that there are for any other name
 */
export function parseKernel(name: string | undefined): Kernel | undefined {
	if (name === undefined || name === '') {
		return undefined;
	}
	const kernel = kernels.find((known) => known === name);
	if (kernel === undefined) {
		throw new Error(`FASTIPC_KERNEL is "${name}", expected ${kernels.join(', ')}`);
	}
	return kernel;
}

function hasSystemCall(name: string): boolean {
	const number = Object.entries(syscallNumbers).find(([known]) => known === name)?.[1];
	if (number === undefined) {
		const names = Object.keys(syscallNumbers).join(', ');
		throw new Error(
			`a test needs ${name}(), which syscall-bindings doesn't know; it knows ${names}`,
		);
	}
	// Every argument wrong: a call that is there refuses them without doing anything.
	const wrong = [-1n, 0n, 0n, 0n, -1n, -1n];
	return systemCall(number, ...wrong).errno !== ENOSYS;
}
