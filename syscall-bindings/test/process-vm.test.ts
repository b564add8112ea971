// SPDX-License-Identifier: GPL-2.0-only
import {
	addressOf,
	isSystemError,
	mapMemory,
	pageSize,
	processVmReadv,
	processVmWritev,
	protectMemory,
	PROT_NONE,
	unmapMemory,
} from '@fastipc/syscall-bindings';
import test, { type ExecutionContext } from 'ava';

import { startChildWithMemory } from './helpers/child-with-memory.js';

const self = process.pid;

function codeOf(t: ExecutionContext, call: () => unknown): string {
	const error = t.throws(call);
	return isSystemError(error) ? error.code : error.message;
}

test('reads and writes this process', (t) => {
	const memory = Buffer.from('0123456789');
	const remote = [{ address: addressOf(memory), length: memory.length }];
	const buffer = Buffer.alloc(10);
	t.is(processVmReadv(self, [buffer], remote), 10);
	t.is(buffer.toString(), '0123456789');
	t.is(processVmWritev(self, [Buffer.from('abc')], remote), 3);
	t.is(memory.toString(), 'abc3456789');
});

test('reads and writes a child', async (t) => {
	const child = await startChildWithMemory('their memory');
	try {
		const buffer = Buffer.alloc(12);
		t.is(processVmReadv(child.pid, [buffer], [{ address: child.address, length: 12 }]), 12);
		t.is(buffer.toString(), 'their memory');
		const tail = [{ address: child.address + 6n, length: 6n }];
		t.is(processVmWritev(child.pid, [Buffer.from('change')], tail), 6);
		t.is(await child.show(), 'their change');
	} finally {
		await child.stop();
	}
	const remote = [{ address: child.address, length: 12 }];
	t.is(
		codeOf(t, () => processVmReadv(child.pid, [Buffer.alloc(12)], remote)),
		'ESRCH',
	);
});

test('gathers and scatters many ranges, parts of buffers among them', (t) => {
	const memory = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
	const address = addressOf(memory);
	const remote = Array.from({ length: 256 }, (_, index) => ({
		address: address + BigInt(255 - index),
		length: 1,
	}));
	const target = Buffer.alloc(300);
	const local = [target.subarray(10, 100), new Uint8Array(0), target.subarray(200, 300)];
	t.is(processVmReadv(self, local, remote), 190);
	t.deepEqual([...target.subarray(10, 13)], [255, 254, 253]);
	t.is(target[200], 255 - 90);
	t.is(target[299], 255 - 189);
	t.is(target[100], 0);
});

test('buffers named nowhere else are filled too', (t) => {
	const memory = Buffer.alloc(64, 7);
	const remote = [{ address: addressOf(memory), length: 64 }];
	for (let round = 0; round < 2000; round++) {
		t.is(processVmReadv(self, [new Uint8Array(32), new Uint8Array(32)], remote), 64);
	}
});

test('a hole ends the copy with a short count, and one at the beginning with EFAULT', (t) => {
	const address = mapMemory(2 * pageSize);
	const border = address + BigInt(pageSize);
	protectMemory(border, pageSize, PROT_NONE);
	const remote = [{ address: border - 5n, length: 10 }];
	t.is(processVmReadv(self, [Buffer.alloc(10)], remote), 5);
	t.is(processVmWritev(self, [Buffer.alloc(10)], remote), 5);
	const hole = [{ address: border, length: 1 }];
	t.is(
		codeOf(t, () => processVmReadv(self, [Buffer.alloc(1)], hole)),
		'EFAULT',
	);
	unmapMemory(address, 2 * pageSize);
});

test('arguments arrive whole', (t) => {
	const memory = Buffer.alloc(8);
	const remote = [{ address: addressOf(memory), length: 8 }];
	t.is(
		codeOf(t, () => processVmReadv(-1, [memory], remote)),
		'ESRCH',
	);
	t.is(
		codeOf(t, () => processVmReadv(-(2 ** 31), [memory], remote)),
		'ESRCH',
	);
	t.is(
		codeOf(t, () => processVmReadv(self, [memory], remote, 1)),
		'EINVAL',
	);
	t.is(
		codeOf(t, () => processVmReadv(self, [memory], remote, 2 ** 31)),
		'EINVAL',
	);
	// A length beyond what a signed word holds is refused as such; cut to 32 bits it would be 0.
	const tooLong = [{ address: addressOf(memory), length: 2n ** 63n }];
	t.is(
		codeOf(t, () => processVmReadv(self, [memory], tooLong)),
		'EINVAL',
	);
	const tooFar = [{ address: addressOf(memory) + 2n ** 63n, length: 8 }];
	t.is(
		codeOf(t, () => processVmReadv(self, [memory], tooFar)),
		'EFAULT',
	);
	const tooMany = new Array<{ address: bigint; length: number }>(1025).fill({
		address: 0n,
		length: 0,
	});
	t.is(
		codeOf(t, () => processVmReadv(self, [memory], tooMany)),
		'EINVAL',
	);
});

test('the kernel looks at no pid where there is nothing to copy', (t) => {
	t.is(processVmReadv(-1, [], []), 0);
	t.is(processVmWritev(-1, [new Uint8Array(0)], [{ address: 0n, length: 0 }]), 0);
});

test('a failure names the arguments', (t) => {
	const remote = [
		{ address: 0x1000n, length: 4 },
		{ address: 0x2000n, length: 8n },
	];
	t.throws(() => processVmReadv(-7, [Buffer.alloc(3), Buffer.alloc(6)], remote), {
		code: 'ESRCH',
		message:
			'ESRCH: no such process, process_vm_readv(pid -7, local 9 bytes in 2, remote 12 bytes in 2, address 0x1000, flags 0x0)',
	});
});
