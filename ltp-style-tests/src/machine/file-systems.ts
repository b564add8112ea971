// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, ftruncateSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { OpenMode } from '../process/files.js';
import { growHugePagePool } from './huge-page-pool.js';

/** A file system for a test's files. */
export interface FileSystem {
	name: 'ext4' | 'tmpfs' | 'hugetlbfs';
	/** Bytes in a page of its files. */
	pageSize: number;
	/** How a file is opened to read what the file system itself holds: ext4 the disk. */
	mode: OpenMode;
	/** A directory of our own on it; made when it is first asked for. */
	directory: () => string;
}

const imageBytes = 32 * 2 ** 20;
const hugePages = 8;

/** The file systems, which are there until the file's last test has ended. */
export function useFileSystems(): readonly FileSystem[] {
	const cleanUps: (() => void)[] = [];
	test.after.always('takes the file systems away', () => {
		for (const cleanUp of cleanUps.reverse()) {
			cleanUp();
		}
	});
	return [
		{ name: 'ext4', pageSize: 4096, mode: 'direct', directory: once(() => mountDisk(cleanUps)) },
		{
			name: 'tmpfs',
			pageSize: 4096,
			mode: 'r',
			directory: once(() => makeDirectory('/dev/shm', cleanUps)),
		},
		{
			name: 'hugetlbfs',
			pageSize: 2 ** 21,
			mode: 'r',
			directory: once(() => {
				cleanUps.push(growHugePagePool(hugePages));
				return makeDirectory('/dev/hugepages', cleanUps);
			}),
		},
	];
}

function once(make: () => string): () => string {
	let made: string | undefined;
	return () => (made ??= make());
}

function makeDirectory(parent: string, cleanUps: (() => void)[]): string {
	const directory = mkdtempSync(path.join(parent, 'fastipc-'));
	cleanUps.push(() => {
		rmSync(directory, { recursive: true });
	});
	return directory;
}

/** An ext4 file system on a disk that is a file: a loop device. */
function mountDisk(cleanUps: (() => void)[]): string {
	const directory = makeDirectory(os.tmpdir(), cleanUps);
	const image = path.join(directory, 'disk');
	const descriptor = openSync(image, 'wx');
	ftruncateSync(descriptor, imageBytes);
	closeSync(descriptor);
	execFileSync('mkfs.ext4', ['-q', image]);
	const mounted = path.join(directory, 'mounted');
	mkdirSync(mounted);
	execFileSync('mount', ['-o', 'loop', image, mounted]);
	cleanUps.push(() => {
		// Processes that still have its files open end at about the same time.
		execFileSync('umount', ['--lazy', mounted]);
	});
	return mounted;
}
