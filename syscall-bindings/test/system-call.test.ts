// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import {
	addressOf,
	closeDescriptor,
	errnoName,
	pidfdOpen,
	systemCall,
	syscallNumbers,
} from '@fastipc/syscall-bindings';
import test from 'ava';

import { spawnProgram } from './helpers/child-with-memory.js';

test('calls by name and by number', (t) => {
	t.is(systemCall('getppid').returned, BigInt(process.ppid));
	t.is(systemCall(syscallNumbers.getppid).returned, BigInt(process.ppid));
	t.deepEqual(systemCall(-1), { returned: -1n, errno: 38 });
});

test('a failure has its own errno, and a success none', (t) => {
	for (let round = 0; round < 500; round++) {
		t.is(errnoName(systemCall('close', -1n).errno), 'EBADF');
		t.is(systemCall('getpid').errno, 0);
		t.is(errnoName(systemCall('pidfd_open', -1n).errno), 'EINVAL');
		// Memory that Node has to fetch from the kernel between the two.
		t.is(Buffer.alloc(1 << 20).length, 1 << 20);
		t.is(errnoName(systemCall('pidfd_open', 0x7fff_ffffn).errno), 'ESRCH');
	}
});

test('a failure behind a success behind a failure throws its own error', (t) => {
	t.throws(
		() => {
			closeDescriptor(-1);
		},
		{ code: 'EBADF' },
	);
	const descriptor = pidfdOpen(process.pid);
	closeDescriptor(descriptor);
	t.throws(() => pidfdOpen(-1), { code: 'EINVAL' });
});

test('memory arrives as its address', (t) => {
	// With it a write to a pipe copies what is there; pipe2 stores two descriptors first.
	const descriptors = new Int32Array(2);
	t.is(systemCall('pipe2', new Uint8Array(descriptors.buffer), 0n).errno, 0);
	const [readEnd = -1, writeEnd = -1] = descriptors;
	const bytes = Buffer.from('in a pipe');
	t.is(systemCall('write', BigInt(writeEnd), bytes.subarray(5), 4n).returned, 4n);
	const read = Buffer.alloc(4);
	t.is(systemCall('read', BigInt(readEnd), addressOf(read), 4n).returned, 4n);
	t.is(read.toString(), 'pipe');
	closeDescriptor(readEnd);
	closeDescriptor(writeEnd);
});

const sentinels = [
	0xface_feed_dead_beefn,
	0xffff_ffff_ffff_ffffn,
	-(2n ** 63n),
	2n ** 63n - 1n,
	0x1_0000_0000n,
	-2n,
];

/** pause(2) takes no argument, so the kernel keeps all six as they came. arm64 hasn't got it. */
const pauseNumber = 34;
const testOnX64 = process.arch === 'x64' ? test : test.skip;

testOnX64('all six arguments arrive bit for bit, says /proc/PID/syscall', async (t) => {
	const child = spawnProgram(`
		import { systemCall } from '@fastipc/syscall-bindings';
		systemCall(${pauseNumber}, ${sentinels.map((sentinel) => `${sentinel}n`).join(', ')});
	`);
	child.stderr.pipe(process.stderr);
	const exited = once(child, 'exit');
	try {
		let fields: string[] = [];
		while (child.exitCode === null && fields[0] !== String(pauseNumber)) {
			fields = readFileSync(`/proc/${child.pid}/syscall`, 'ascii').trim().split(' ');
			await setImmediate();
		}
		t.deepEqual(
			fields.slice(1, 7),
			sentinels.map((sentinel) => `0x${BigInt.asUintN(64, sentinel).toString(16)}`),
		);
	} finally {
		child.kill('SIGKILL');
		await exited;
	}
});

testOnX64('a 64-bit word comes back bit for bit, from get_robust_list', (t) => {
	const [setRobustList, getRobustList] = [273, 274];
	const [head, length] = [Buffer.alloc(8), Buffer.alloc(8)];
	const ask = (): bigint => {
		t.is(systemCall(getRobustList, 0n, head, length).errno, 0);
		return head.readBigUInt64LE();
	};
	const standard = ask();
	// The kernel takes the last page's addresses for errors when it is asked.
	for (const sentinel of sentinels.filter((word) => BigInt.asUintN(64, word) < 2n ** 64n - 4095n)) {
		t.is(systemCall(setRobustList, sentinel, 24n).errno, 0);
		t.is(ask(), BigInt.asUintN(64, sentinel));
	}
	t.is(systemCall(setRobustList, standard, length.readBigUInt64LE()).errno, 0);
});
