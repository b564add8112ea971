// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs of Debian's that the guest runs and this machine doesn't have installed, because to
 * install them would change what it runs: they are unpacked in the cache.
 */
import { cachePath, completeOrAbsent, withLock, type Reporter } from '@fastipc/kernel-patches';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
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
	await mkdir(directory, { recursive: true });
	await execa('apt-get', ['--quiet', 'download', name], { cwd: directory });
	const [archive] = await readdir(directory);
	if (archive === undefined) {
		throw new Error(`apt-get download ${name} left no file`);
	}
	await execa('dpkg-deb', ['--extract', archive, '.'], { cwd: directory });
	if (!existsSync(path.join(directory, file))) {
		throw new Error(`${archive} has no ${file}`);
	}
	await rm(path.join(directory, archive));
}

/**
 * The folder that a program's package is unpacked in, with its `usr`; undefined if the program is
 * installed.
 * @throws Error if the package can't be had
 */
export async function findUnpacked(
	program: DebianProgram,
	report: Reporter,
): Promise<string | undefined> {
	if (existsSync(path.join('/', program.file))) {
		return undefined;
	}
	const directory = cachePath('programs', program.name);
	await withLock(`programs/${program.name}`, program.name, report, async () => {
		if (!existsSync(directory)) {
			await completeOrAbsent(directory, (part) => unpack(program, part));
		}
	});
	return directory;
}
