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

async function make(
	target: 'all' | 'bus-client' | 'dbus-fuzzers' | 'dbus-test' | 'mpi',
	variables: readonly string[] = [],
): Promise<void> {
	// Loaded only here: programs in the guest want paths, and pay dearly for each module.
	const { execa } = await import('execa');
	const options = ['-C', packageDirectory, '--no-print-directory', '--silent'];
	const result = await execa('make', [...options, target, ...variables], {
		all: true,
		reject: false,
	});
	if (result.failed) {
		throw new Error(`native: make ${target} in ${packageDirectory} failed:\n${result.all}`);
	}
}

/**
 * Compiles what is out of date in native/build, but for what needs more than a C library.
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

/**
 * Compiles `bus-client`, which needs Debian's packages libsystemd-dev and libdbus-1-dev.
 * @throws Error with the compiler's own messages, or the packages' names, if make fails
 */
export async function buildBusClient(): Promise<void> {
	await make('bus-client');
}

/** A file of the folder dbus-message, such as `traffic.dbus`. */
export function dbusMessagePath(name: string): string {
	return path.join(packageDirectory, 'dbus-message', name);
}

/**
 * Compiles `fuzz-message` and `fuzz-differential` around the kernel's reader of D-Bus messages,
 * which needs Debian's packages clang, libclang-rt-dev and libdbus-1-dev.
 * @param sources the folder with message.c and message.h
 * @throws Error with the compiler's own messages if make fails
 */
export async function buildDbusFuzzers(sources: string): Promise<void> {
	await make('dbus-fuzzers', [`DBUS_SOURCES=${sources}`]);
}

/**
 * Compiles `test-message`, the reader's KUnit tests for the host, which needs Debian's package
 * libdbus-1-dev.
 * @param sources the folder with message.c, message.h and message_test.c
 * @throws Error with the compiler's own messages if make fails
 */
export async function buildDbusTest(sources: string): Promise<void> {
	await make('dbus-test', [`DBUS_SOURCES=${sources}`]);
}
