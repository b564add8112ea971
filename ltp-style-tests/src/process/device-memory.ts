// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mapFile, openFile } from './files.js';
import { pageSize } from './pattern.js';
import type { TestProcess } from './test-process.js';

const devices = '/sys/bus/pci/devices';
const IORESOURCE_MEM = 0x200n;

/**
 * Maps the registers of a PCI device: a range of the smallest size that can be mapped, which on
 * virtio's devices has the table of interrupts, so that reading it has no effect.
 * @throws Error if no device has one
 */
export async function mapDeviceMemory(process: TestProcess): Promise<bigint> {
	const file = readdirSync(devices)
		.flatMap((device) => pageSizedResources(path.join(devices, device)))
		.find((candidate) => existsSync(candidate));
	if (file === undefined) {
		throw new Error(`${devices}: no device has a memory range of ${pageSize} bytes to map`);
	}
	const descriptor = await openFile(process, file, 'rw');
	return mapFile(process, { descriptor, pages: 1, sharing: 'shared' });
}

/** The files of a device's memory ranges that are one page long: lines of `resource`. */
function pageSizedResources(device: string): string[] {
	const lines = readFileSync(path.join(device, 'resource'), 'ascii').trim().split('\n');
	return lines.flatMap((line, index) => {
		const [start = 0n, end = 0n, flags = 0n] = line.split(' ').map(BigInt);
		const isMemory = (flags & IORESOURCE_MEM) !== 0n;
		return isMemory && end - start + 1n === BigInt(pageSize)
			? [path.join(device, `resource${index}`)]
			: [];
	});
}
