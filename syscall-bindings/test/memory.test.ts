// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs';

import {
	addressOf,
	adviseMemory,
	MADV_DONTNEED,
	MAP_ANONYMOUS,
	MAP_FIXED_NOREPLACE,
	MAP_PRIVATE,
	mapMemory,
	pageSize,
	protectMemory,
	PROT_NONE,
	PROT_READ,
	readMemory,
	unmapMemory,
	writeMemory,
} from '@fastipc/syscall-bindings';
import test from 'ava';

test('addressOf follows the view, not the memory behind it', (t) => {
	const whole = new ArrayBuffer(100);
	const start = addressOf(new Uint8Array(whole));
	t.is(addressOf(new Uint8Array(whole, 99)), start + 99n);
	t.is(addressOf(Buffer.from(whole, 10, 5)), start + 10n);
	t.true(start > 0n && start < 2n ** 64n);
});

test('addresses hold while small arrays are used', (t) => {
	// V8 keeps small arrays in its moving heap until someone asks where they are.
	const arrays = Array.from({ length: 200 }, () => new Uint8Array(8));
	const addresses = arrays.map((array) => addressOf(array));
	for (const [index, array] of arrays.entries()) {
		array.fill(index);
	}
	t.true(Buffer.alloc(1 << 24).length > 0);
	for (const [index, address] of addresses.entries()) {
		t.is(readMemory(address, 8)[7], index);
	}
});

test('what is written is read, over many pages and at odd addresses', (t) => {
	const length = 50 * pageSize;
	const address = mapMemory(length);
	const bytes = Buffer.from(Array.from({ length: length - 3 }, (_, index) => index % 251));
	writeMemory(address + 1n, bytes);
	t.true(readMemory(address + 1n, bytes.length).equals(bytes));
	t.is(readMemory(address, 1)[0], 0);
	t.deepEqual([...readMemory(address + BigInt(length) - 2n, 2)], [0, 0]);
	unmapMemory(address, length);
});

test('memory that may not be touched is EFAULT, and no descriptor is left open', (t) => {
	const address = mapMemory(3 * pageSize);
	const border = address + BigInt(pageSize);
	protectMemory(border, pageSize, PROT_NONE);
	const open = (): number => readdirSync('/proc/self/fd').length;
	const before = open();
	t.throws(() => readMemory(border - 8n, 16), { code: 'EFAULT' });
	t.throws(
		() => {
			writeMemory(border - 8n, Buffer.alloc(16));
		},
		{ code: 'EFAULT' },
	);
	t.throws(() => readMemory(2n ** 64n - 8n, 4), { code: 'EFAULT' });
	t.throws(() => readMemory(2n ** 63n, 4), { code: 'EFAULT' });
	protectMemory(border, pageSize, PROT_READ);
	t.is(readMemory(border - 8n, 16).length, 16);
	t.throws(
		() => {
			writeMemory(border, Buffer.alloc(1));
		},
		{ code: 'EFAULT' },
	);
	t.is(open(), before);
	unmapMemory(address, 3 * pageSize);
});

test('mapMemory maps where it is told and names what failed', (t) => {
	const address = mapMemory(2 * pageSize, { protection: PROT_NONE });
	const fixed = { address, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE };
	const error = t.throws(() => mapMemory(pageSize, fixed), { code: 'EEXIST' });
	t.is(
		error.message,
		`EEXIST: file already exists, mmap(address 0x${address.toString(16)}, length ${pageSize}, protection 0x3, flags 0x100022, descriptor -1, offset 0)`,
	);
	unmapMemory(address, pageSize);
	t.is(mapMemory(pageSize, fixed), address);
	unmapMemory(address, 2 * pageSize);
	t.throws(() => mapMemory(0), { code: 'EINVAL', message: /, mmap\(/ });
	t.throws(() => mapMemory(2n ** 63n), { code: 'ENOMEM' });
	t.throws(() => mapMemory(pageSize, { flags: MAP_PRIVATE }), { code: 'EBADF' });
});

test('protectMemory and adviseMemory do what they say', (t) => {
	const address = mapMemory(pageSize);
	writeMemory(address, Buffer.from('kept'));
	adviseMemory(address, pageSize, MADV_DONTNEED);
	t.is(readMemory(address, 1)[0], 0);
	unmapMemory(address, pageSize);
	t.throws(
		() => {
			protectMemory(address + 1n, pageSize, PROT_READ);
		},
		{ code: 'EINVAL' },
	);
	t.throws(
		() => {
			protectMemory(address, pageSize, PROT_READ);
		},
		{ code: 'ENOMEM' },
	);
	t.throws(
		() => {
			adviseMemory(address, pageSize, MADV_DONTNEED);
		},
		{ code: 'ENOMEM' },
	);
	t.throws(
		() => {
			unmapMemory(address + 1n, pageSize);
		},
		{ code: 'EINVAL' },
	);
});
