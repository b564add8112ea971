// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** This package's folder, whether the caller runs the sources or what tsc made of them. */
const packageDirectory = path.dirname(
	fileURLToPath(import.meta.resolve('@fastipc/native/package.json')),
);

/**
 * Path of a program or library that the Makefile makes.
 * @param name the file's name in build/, such as `guest-init` or `libtiming-loops.so`
 */
export function nativePath(name: string): string {
	return path.join(packageDirectory, 'build', name);
}

async function make(target: 'all' | 'mpi'): Promise<void> {
	// Loaded only here: programs in the guest want paths, and pay dearly for each module.
	const { execa } = await import('execa');
	const options = ['-C', packageDirectory, '--no-print-directory', '--silent'];
	const result = await execa('make', [...options, target], { all: true, reject: false });
	if (result.failed) {
		throw new Error(`native: make ${target} in ${packageDirectory} failed:\n${result.all}`);
	}
}

/**
 * Compiles what is out of date in native/build, but for what needs MPI.
 * @throws Error with the compiler's own messages if make fails
 */
export async function buildNative(): Promise<void> {
	await make('all');
}

/**
 * Compiles the programs for Open MPI, which needs Debian's package libopenmpi-dev.
 * @throws Error with the compiler's own messages if make fails
 */
export async function buildMpi(): Promise<void> {
	await make('mpi');
}
