// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the new calls are called. What the kernel must do then is in ltp-style-tests.
 */
import {
	addressOf,
	copyFromProcess,
	copyToProcess,
	isSystemError,
} from '@fastipc/syscall-bindings';
import test from 'ava';

import { startChildWithMemory } from './helpers/child-with-memory.js';
import { titleWhenSkipped, whyNewCallsAreMissing } from './helpers/kernel-support.js';

const missing = whyNewCallsAreMissing();
const withoutCalls = missing === undefined ? test.skip : test;
const withCalls = missing === undefined ? test : test.skip;
const titleWithCalls = (title: string) =>
	missing === undefined ? title : titleWhenSkipped(title, missing);
const titleWithoutCalls = (title: string) =>
	missing === undefined ? titleWhenSkipped(title, 'this kernel has the new calls') : title;

for (const [name, call] of Object.entries({
	copy_from_process: copyFromProcess,
	copy_to_process: copyToProcess,
})) {
	withoutCalls(
		titleWithoutCalls(`without the series ${name} is ENOSYS, with one line on what to do`),
		(t) => {
			const error = t.throws(() => call(12, 0x7f00_0000_1000n, Buffer.alloc(16), 3));
			t.true(isSystemError(error, 'ENOSYS'));
			t.like(error, {
				code: 'ENOSYS',
				errno: -38,
				syscall: name,
				message:
					`ENOSYS: function not implemented, ${name}(pid 12, address 0x7f0000001000, length 16, flags 0x3): ` +
					`this kernel has no ${name}; boot one with the cross-memory series and CONFIG_CROSS_MEMORY_COPY=y (npm run vm)`,
			});
		},
	);

	withCalls(titleWithCalls(`${name} passes flags, pid and address`), (t) => {
		const memory = Buffer.alloc(16);
		const codeOf = (pid: number, address: bigint, flags = 0): string => {
			const error = t.throws(() => call(pid, address, memory, flags));
			return isSystemError(error) ? error.code : error.message;
		};
		t.is(codeOf(process.pid, addressOf(memory), 2 ** 31), 'EINVAL');
		t.is(codeOf(-1, addressOf(memory)), 'ESRCH');
		t.is(codeOf(process.pid, 8n), 'EFAULT');
		t.is(codeOf(process.pid, 2n ** 64n - 16n), 'EFAULT');
		t.is(call(process.pid, 8n, new Uint8Array(0)), 0);
	});
}

withCalls(titleWithCalls('both copy between this process and another'), async (t) => {
	const child = await startChildWithMemory('their memory');
	try {
		const buffer = Buffer.alloc(12);
		t.is(copyFromProcess(child.pid, child.address, buffer), 12);
		t.is(buffer.toString(), 'their memory');
		t.is(copyToProcess(child.pid, child.address + 6n, Buffer.from('change')), 6);
		t.is(await child.show(), 'their change');
	} finally {
		await child.stop();
	}
});
