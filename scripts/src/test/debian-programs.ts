// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs of Debian's that the guest runs and this machine doesn't have installed, because to
 * install them would change what it runs: they are unpacked in the cache.
 */
import { cacheDirectory } from '@fastipc/kernel-patches';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** A program, and the package that has it. What that depends on is installed. */
interface DebianProgram {
	name: string;
	file: string;
}

/** Installed, it becomes the machine's system bus. dbus-daemon's package depends on the same. */
export const dbusBroker: DebianProgram = {
	name: 'dbus-broker',
	file: 'usr/bin/dbus-broker-launch',
};

/** Gets a package by APT, which checks its signature, and unpacks it into a new folder. */
async function unpack({ name, file }: DebianProgram, directory: string): Promise<void> {
	await mkdir(path.dirname(directory), { recursive: true });
	const temporary = await mkdtemp(`${directory}-`);
	try {
		await execa('apt-get', ['--quiet', 'download', name], { cwd: temporary });
		const [archive] = await readdir(temporary);
		if (archive === undefined) {
			throw new Error(`apt-get download ${name} left no file`);
		}
		const contents = path.join(temporary, 'contents');
		await execa('dpkg-deb', ['--extract', path.join(temporary, archive), contents]);
		if (!existsSync(path.join(contents, file))) {
			throw new Error(`${archive} has no ${file}`);
		}
		await rename(contents, directory);
	} finally {
		await rm(temporary, { recursive: true });
	}
}

/**
 * The folder that a program's package is unpacked in, with its `usr`; undefined if the program is
 * installed.
 * @throws Error if the package can't be had
 */
export async function findUnpacked(program: DebianProgram): Promise<string | undefined> {
	if (existsSync(path.join('/', program.file))) {
		return undefined;
	}
	const directory = path.join(cacheDirectory(), 'programs', program.name);
	if (!existsSync(directory)) {
		await unpack(program, directory);
	}
	return directory;
}
