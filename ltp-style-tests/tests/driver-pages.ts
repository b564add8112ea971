// SPDX-License-Identifier: GPL-2.0-only
// Pages that a driver allocated and maps as they are touched: the flags of their mapping are
// those of ordinary memory, but they belong to no file. Here a sound device's control page;
// KVM's page of a virtual processor is another.
import { closeSync, openSync } from 'node:fs';
import {
	copyFromProcess,
	copyToProcess,
	mapMemory,
	MAP_SHARED,
	processVmReadv,
	processVmWritev,
	readMemory,
	unmapMemory,
	writeMemory,
} from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { allWays, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageSize } from '../src/process/pattern.js';

const device = '/dev/snd/pcmC0D0p';

/** SNDRV_PCM_MMAP_OFFSET_CONTROL_NEW of the kernel's sound/asound.h. */
const controlPage = 0x8300_0000n;

/** The driver uses the first few bytes of the page only. */
const unused = BigInt(pageSize / 2);

function mapDriverPage(t: ExecutionContext): bigint {
	const descriptor = openSync(device, 'r+');
	t.teardown(() => {
		closeSync(descriptor);
	});
	const address = mapMemory(pageSize, { flags: MAP_SHARED, descriptor, offset: controlPage });
	t.teardown(() => {
		unmapMemory(address, pageSize);
	});
	return address + unused;
}

/** Has this process copy out of or into itself, by any of the calls. */
function copyWithSelf({ name }: Way, address: bigint, bytes: Buffer): number {
	const remote = [{ address, length: bytes.length }];
	switch (name) {
		case 'copy_from_process':
			return copyFromProcess(process.pid, address, bytes);
		case 'copy_to_process':
			return copyToProcess(process.pid, address, bytes);
		case 'process_vm_readv':
			return processVmReadv(process.pid, [bytes], remote);
		case 'process_vm_writev':
			return processVmWritev(process.pid, [bytes], remote);
	}
}

defineTable({
	rows: allWays,
	title: ({ name }) => `${name}: a page that a driver allocated, of no file`,
	needs: ({ name }) => ({ root: true, config: ['CONFIG_SND_DUMMY'], systemCalls: [name] }),
	check: (t, way) => {
		const address = mapDriverPage(t);
		const [before, written] = [Buffer.from('what was there'), Buffer.from('what was sent!')];
		// Written by the process itself: the page is there, and its entry writable.
		writeMemory(address, before);
		const bytes = Buffer.from(way.direction === 'to' ? written : before);
		if (way.direction === 'from') {
			bytes.fill(0);
		}
		t.is(copyWithSelf(way, address, bytes), bytes.length);
		if (way.direction === 'from') {
			t.deepEqual(bytes, before);
		} else {
			t.deepEqual(readMemory(address, written.length), written);
		}
	},
});
