// SPDX-License-Identifier: GPL-2.0-only
import { syscallNumbers } from '@fastipc/syscall-bindings';
import { mustCall } from './must-call.js';
import { pageSize } from './pattern.js';
import type { TestProcess } from './test-process.js';

// Numbers of x86-64, which is what the guest runs.
const SYS_pread64 = 17;
const SYS_fcntl = 72;
const SYS_fsync = 74;
const SYS_ftruncate = 77;
const SYS_sync_file_range = 277;
const SYS_fallocate = 285;
const F_ADD_SEALS = 1033n;
const FALLOC_FL_KEEP_SIZE = 1n;
const FALLOC_FL_PUNCH_HOLE = 2n;
const SYNC_FILE_RANGE_WAIT_BEFORE = 1n;
const SYNC_FILE_RANGE_WRITE = 2n;
const SYNC_FILE_RANGE_WAIT_AFTER = 4n;

/** How a file is opened: `direct` reads past the page cache (O_DIRECT). */
export type OpenMode = 'r' | 'rw' | 'direct';

/** Which part of an open file to map, and how. */
export interface FileMapping {
	descriptor: bigint;
	/** The first page of the file that is mapped; 0 where left out. */
	page?: number;
	pages: number;
	/** Letters of `rwx`; `rw` where left out. */
	protection?: string;
	sharing: 'private' | 'shared';
}

/** Opens a file in a process. @returns its descriptor there */
export async function openFile(
	process: TestProcess,
	path: string,
	mode: OpenMode,
): Promise<bigint> {
	return BigInt(await process.request(`open ${path} ${mode}`));
}

/**
 * Makes a file in memory, filled with the pattern: memfd_create(2).
 * @param flags `MFD_…`
 */
export async function memoryFile(
	process: TestProcess,
	{ flags, pages, seed }: { flags: number; pages: number; seed: number },
): Promise<bigint> {
	return BigInt(await process.request(`memory-file ${flags} ${pages} ${seed}`));
}

/** Maps a file with a hole of one page on either side (but for hugetlbfs). @returns the address */
export async function mapFile(process: TestProcess, mapping: FileMapping): Promise<bigint> {
	const { descriptor, page = 0, pages, protection = 'rw', sharing } = mapping;
	return BigInt(
		await process.request(`map-file ${descriptor} ${page} ${pages} ${protection} ${sharing}`),
	);
}

/** Writes what is dirty of a file to the disk and waits until it is there. */
export async function syncFile(process: TestProcess, descriptor: bigint): Promise<void> {
	await mustCall(process, 'fsync', SYS_fsync, descriptor);
}

/** Writes a file's dirty pages out, and waits for that, as writeback does by itself. */
export async function writePagesBack(process: TestProcess, descriptor: bigint): Promise<void> {
	const flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	await mustCall(process, 'sync_file_range', SYS_sync_file_range, descriptor, 0n, 0n, flags);
}

/** Makes a file that long. */
export async function truncateFile(
	process: TestProcess,
	descriptor: bigint,
	length: number,
): Promise<void> {
	await mustCall(process, 'ftruncate', SYS_ftruncate, descriptor, BigInt(length));
}

/** Takes a part of a file's storage away: it reads as zeros. */
export async function punchHole(
	process: TestProcess,
	descriptor: bigint,
	length: number,
): Promise<void> {
	const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	await mustCall(process, 'fallocate', SYS_fallocate, descriptor, mode, 0n, BigInt(length));
}

/** Adds `F_SEAL_…` bits to a file in memory. */
export async function sealFile(
	process: TestProcess,
	descriptor: bigint,
	seals: number,
): Promise<void> {
	await mustCall(process, 'fcntl', SYS_fcntl, descriptor, F_ADD_SEALS, BigInt(seals));
}

/** Closes a descriptor of a process. */
export async function closeFile(process: TestProcess, descriptor: bigint): Promise<void> {
	await mustCall(process, 'close', syscallNumbers.close, descriptor);
}

/**
 * Reads the beginning of a file into new memory of a process.
 * @returns the memory's address
 * @throws Error if the file is shorter than `length` bytes, or a call fails
 */
export async function readFileInto(
	process: TestProcess,
	path: string,
	mode: OpenMode,
	length: number,
): Promise<bigint> {
	const descriptor = await openFile(process, path, mode);
	const pages = Math.ceil(length / pageSize);
	const memory = await process.map('anonymous', pages);
	const whole = BigInt(pages * pageSize);
	const got = await mustCall(process, 'pread64', SYS_pread64, descriptor, memory, whole, 0n);
	await closeFile(process, descriptor);
	if (got < BigInt(length)) {
		throw new Error(`${path}: read ${got} bytes, expected ${length}`);
	}
	return memory;
}
