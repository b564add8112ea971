// SPDX-License-Identifier: GPL-2.0-only
// What the kernel says of single pages: /proc/PID/pagemap, /proc/kpageflags, /proc/PID/smaps.
import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pageSize } from './pattern.js';

/** An entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
export interface PageEntry {
	/** The page's frame number; 0n where it is not in memory. */
	frame: bigint;
	present: boolean;
	swapped: boolean;
	softDirty: boolean;
}

const frameBits = 55n;

/** What is mapped at each of so many pages of a process, from an address on. */
export function pageEntries(pid: number, address: bigint, pages: number): PageEntry[] {
	const first = address / BigInt(pageSize);
	return readWords(`/proc/${pid}/pagemap`, first, pages).map((entry) => {
		const bit = (number: bigint) => ((entry >> number) & 1n) === 1n;
		const present = bit(63n);
		return {
			frame: present ? BigInt.asUintN(Number(frameBits), entry) : 0n,
			present,
			swapped: bit(62n),
			softDirty: bit(55n),
		};
	});
}

const KPF_KSM = 21n;

/** Whether KSM has merged the page with a frame number: /proc/kpageflags. */
export function isMergedByKsm(frame: bigint): boolean {
	const [flags = 0n] = readWords('/proc/kpageflags', frame, 1);
	return ((flags >> KPF_KSM) & 1n) === 1n;
}

/** 64-bit words of a file that is an array of them. */
function readWords(file: string, first: bigint, count: number): bigint[] {
	const words = new BigUint64Array(count);
	const descriptor = openSync(file, 'r');
	try {
		const got = readSync(descriptor, words, 0, words.byteLength, first * 8n);
		if (got !== words.byteLength) {
			throw new Error(`${file}: read ${got} bytes at word ${first}, expected ${words.byteLength}`);
		}
	} finally {
		closeSync(descriptor);
	}
	return [...words];
}

/**
 * How much of the mapping at an address is in huge pages: AnonHugePages of /proc/PID/smaps.
 * @throws Error if no mapping begins at that address
 */
export async function anonymousHugeBytes(pid: number, address: bigint): Promise<number> {
	const smaps = await readFile(`/proc/${pid}/smaps`, 'ascii');
	const begin = smaps.indexOf(`\n${address.toString(16)}-`);
	const [, kibibytes] = /AnonHugePages:\s*(\d+) kB/.exec(begin < 0 ? '' : smaps.slice(begin)) ?? [];
	if (kibibytes === undefined) {
		throw new Error(`/proc/${pid}/smaps has no AnonHugePages for 0x${address.toString(16)}`);
	}
	return Number(kibibytes) * 1024;
}

/**
 * Where a process's mapping begins and ends whose line in /proc/PID/maps has these words.
 * @throws Error with all lines if none has them
 */
export async function findMapping(
	pid: number,
	words: string,
): Promise<{ start: bigint; end: bigint }> {
	const maps = await readFile(`/proc/${pid}/maps`, 'ascii');
	const line = maps.split('\n').find((candidate) => candidate.includes(words));
	const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line ?? '') ?? [];
	if (start === undefined || end === undefined) {
		throw new Error(`/proc/${pid}/maps has no line with ${words}:\n${maps}`);
	}
	return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
}
