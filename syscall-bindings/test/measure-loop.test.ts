// SPDX-License-Identifier: GPL-2.0-only
import {
	addressOf,
	mapMemory,
	pageSize,
	protectMemory,
	PROT_NONE,
} from '@fastipc/syscall-bindings';
import {
	measureLoop,
	type CopySubject,
	type Measurement,
} from '@fastipc/syscall-bindings/measure-loop';
import test from 'ava';

import { titleWhenSkipped, whyNewCallsAreMissing } from './helpers/kernel-support.js';
import { buildTimingLibrary } from './helpers/timing-library.js';

test.before(async () => {
	await buildTimingLibrary();
});

// A mapping, not a Buffer: an address alone doesn't keep a Buffer from being collected.
const sourceLength = 4096;
const source = mapMemory(sourceLength);
const missing = whyNewCallsAreMissing();
const newCalls: CopySubject[] = ['copy_from_process', 'copy_to_process'];
const copySubjects: CopySubject[] = [
	'process_vm_readv',
	'process_vm_writev',
	...(missing === undefined ? newCalls : []),
];

const copyOptions = {
	iterations: 500,
	pid: process.pid,
	address: source,
	length: sourceLength,
};

/** What it gave, and how long it took from outside. */
function timed(measure: () => Measurement): { measured: Measurement; outside: number } {
	const started = process.hrtime.bigint();
	const measured = measure();
	return { measured, outside: Number(process.hrtime.bigint() - started) };
}

for (const subject of copySubjects) {
	test(`${subject} is measured`, (t) => {
		const { measured, outside } = timed(() => measureLoop(subject, copyOptions));
		t.like(measured, { subject, iterations: 500, length: 4096 });
		t.true(measured.totalNanoseconds < outside);
		t.is(measured.nanosecondsPerCall, measured.totalNanoseconds / 500);
		t.true(measured.nanosecondsPerCall > measured.emptyLoopNanoseconds);
	});
}

test('what is written comes from a buffer of zeros: the call is really made', (t) => {
	const target = Buffer.alloc(64, 1);
	const address = addressOf(target);
	measureLoop('process_vm_writev', { iterations: 1, pid: process.pid, address, length: 60 });
	t.deepEqual([...target.subarray(58)], [0, 0, 1, 1, 1, 1]);
});

test('floors are measured', (t) => {
	const empty = measureLoop('empty_loop', { iterations: 100_000 });
	const getppid = measureLoop('getppid', { iterations: 100_000 });
	const small = measureLoop('memcpy', { iterations: 1000, length: 64 });
	const large = measureLoop('memcpy', { iterations: 1000, length: 1 << 20 });
	t.true(empty.nanosecondsPerCall < getppid.nanosecondsPerCall);
	t.true(small.nanosecondsPerCall < large.nanosecondsPerCall);
	t.is(large.length, 1 << 20);
	t.is(empty.length, 0);
});

test('a call that fails is an error', (t) => {
	t.throws(() => measureLoop('process_vm_readv', { ...copyOptions, pid: -1 }), {
		code: 'ESRCH',
		message:
			/^ESRCH: no such process, process_vm_readv\(pid -1, address 0x[0-9a-f]+, length 4096\): in iteration 0$/,
	});
	t.throws(() => measureLoop('process_vm_writev', { ...copyOptions, address: 8n }), {
		code: 'EFAULT',
	});
});

test('a call that copies less than asked for is an error', (t) => {
	const address = mapMemory(2 * pageSize);
	protectMemory(address + BigInt(pageSize), pageSize, PROT_NONE);
	t.throws(
		() => measureLoop('process_vm_readv', { ...copyOptions, address, length: pageSize + 1 }),
		{
			message: new RegExp(`copied ${pageSize} bytes in iteration 0: a short copy`),
		},
	);
});

const enosysTitle = 'without the series the new calls are ENOSYS, with what to do';
const withoutCalls = missing === undefined ? test.skip : test;
const shownTitle =
	missing === undefined ? titleWhenSkipped(enosysTitle, 'they are here') : enosysTitle;
withoutCalls(shownTitle, (t) => {
	for (const subject of newCalls) {
		t.throws(() => measureLoop(subject, copyOptions), { code: 'ENOSYS', message: /npm run vm/ });
	}
});
