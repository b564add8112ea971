// SPDX-License-Identifier: GPL-2.0-only
// The helper process: that its checks can fail, and that it and its family end.
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { buildNative, nativePath } from '@fastipc/native';
import { sweepAlignments } from '../src/calls/alignment-sweep.js';
import { peerFrom, peerTo, type Way } from '../src/calls/ways.js';
import { parseAnswer, startMemoryTarget } from '../src/process/channel.js';
import { mapFile, memoryFile } from '../src/process/files.js';
import { describeDifference, pageSize, patternBytes, seedAt } from '../src/process/pattern.js';
import { startProcess } from '../src/process/test-process.js';

test.before(() => buildNative());

const seed = 77;

test('the pattern is the same in C and in JavaScript, from any offset', async (t) => {
	const process = await startProcess(t);
	const address = await process.map('anonymous', 1);
	await process.fill(address, 1003, seed);
	const got = await process.peek(address, 1003);
	t.is(describeDifference(got, patternBytes(1003, seed)), undefined);
	for (const offset of [1, 2, 3, 4, 511]) {
		const rest = patternBytes(1003 - offset, seed, offset);
		t.is(describeDifference(got.subarray(offset), rest), undefined);
	}
	t.is(
		describeDifference(got, patternBytes(1003, seed + 1)),
		`differs at byte 0: 0x${seed.toString(16)}, expected 0x${(seed + 1).toString(16)}`,
	);
	t.is(describeDifference(got, patternBytes(1002, seed)), '1003 bytes, expected 1002');
});

test('the pattern from a place on is that of another seed', (t) => {
	for (const offset of [0, 4, 12, 4096, 2 ** 21]) {
		const rest = patternBytes(1003, seed, offset);
		t.is(describeDifference(patternBytes(1003, seedAt(seed, offset)), rest), undefined);
	}
});

test('a file in memory is mapped from any page on, shared or private', async (t) => {
	const process = await startProcess(t);
	const descriptor = await memoryFile(process, { flags: 0, pages: 3, seed });
	const map = (sharing: 'shared' | 'private') =>
		mapFile(process, { descriptor, page: 1, pages: 2, sharing });
	const [shared, copy] = [await map('shared'), await map('private')];
	const expected = seedAt(seed, pageSize);
	t.is(await process.check(shared, 2 * pageSize, expected), 'same');
	await process.set(copy, pageSize, 1);
	t.is(await process.check(shared, 2 * pageSize, expected), 'same', 'private');
	await process.set(shared + BigInt(pageSize), pageSize, 2);
	t.is(await process.all(copy + BigInt(pageSize), pageSize, 2), 'same', 'shared');
});

test('a file is mapped over and over, and another part of it behind that', async (t) => {
	const process = await startProcess(t);
	const descriptor = await memoryFile(process, { flags: 0, pages: 2, seed });
	const words = [descriptor, pageSize, 3, pageSize].join(' ');
	const address = BigInt(await process.request(`map-repeated ${words}`));
	for (let time = 0; time < 3; time++) {
		t.is(await process.check(address + BigInt(time * pageSize), pageSize, seed), 'same');
	}
	const last = address + BigInt(3 * pageSize);
	t.is(await process.check(last, pageSize, seedAt(seed, pageSize)), 'same');
	await process.set(address, pageSize, 9);
	t.is(await process.all(address + BigInt(2 * pageSize), pageSize, 9), 'same', 'it is one page');
});

for (const program of ['memory-target', 'i386-memory-target'] as const) {
	test(`check and all of ${program} find one wrong byte, wherever it is`, async (t) => {
		const process = await startProcess(t, program);
		const address = await process.map('anonymous', 1);
		const length = 1003;
		for (const offset of [0, 1, 5, 999, 1000, 1002]) {
			const place = address + BigInt(offset);
			await process.fill(address, length, seed);
			t.is(await process.check(address, length, seed), 'same');
			const right = patternBytes(1, seed, offset)[0]!;
			await process.set(place, 1, right ^ 0x80);
			t.regex(
				await process.check(address, length, seed),
				new RegExp(`^differs at byte ${offset}:`),
			);

			await process.set(address, length, 0x11);
			t.is(await process.all(address, length, 0x11), 'same');
			await process.set(place, 1, 0x91);
			t.is(
				await process.all(address, length, 0x11),
				`differs at byte ${offset}: 0x91, expected 0x11`,
			);
		}
	});
}

/** A sweep by the peers, which every kernel has, called wrongly by so much. */
const sweeps: [string, Way, { skew?: number; surplus?: number }, RegExp][] = [
	['finds nothing wrong with the peer', peerFrom, {}, /^same 4913$/],
	['finds nothing wrong with the peer', peerTo, {}, /^same 4913$/],
	[
		'sees bytes from the wrong place',
		peerFrom,
		{ skew: 1 },
		/^differs after 0: remote -8 local -8 length 1: byte 0 of the copy is/,
	],
	[
		'sees bytes in the wrong place',
		peerTo,
		{ skew: 1 },
		/^differs after 0: .*byte 0 of the copy is 0xa5/,
	],
	[
		'sees bytes before the copy',
		peerTo,
		{ skew: -1 },
		/^differs after 0: .*byte -1 of the copy is/,
	],
	['sees a wrong count', peerFrom, { surplus: 1 }, /^differs after 0: .*returned 2/],
	['sees a wrong count', peerTo, { surplus: -1 }, /^differs after 0: .*returned 0/],
];

for (const [title, way, wrong, expected] of sweeps) {
	test(`the sweep over alignments ${title}: ${way.name} ${JSON.stringify(wrong)}`, async (t) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		t.regex(await sweepAlignments(way, { caller, target }, seed, wrong), expected);
	});
}

test('threads, children and their children are driven through one process', async (t) => {
	const process = await startProcess(t);
	const child = await process.fork();
	const grandchild = await child.fork();
	const thread = await process.thread();
	const identity = async ({ request }: typeof process) => (await request('identity')).split(' ');
	t.deepEqual((await identity(process)).slice(0, 2).map(Number), [process.id, process.id]);
	t.deepEqual((await identity(child)).slice(0, 2).map(Number), [child.id, child.id]);
	t.deepEqual((await identity(grandchild)).slice(0, 2).map(Number), [grandchild.id, grandchild.id]);
	t.deepEqual((await identity(thread)).slice(0, 2).map(Number), [process.id, thread.id]);
	t.regex(
		readFileSync(`/proc/${grandchild.id}/status`, 'ascii'),
		new RegExp(`^PPid:\t${child.id}$`, 'm'),
	);
});

test('when it ends, its children are gone, and their children', async (t) => {
	const started = await startMemoryTarget();
	const child = Number(await started.request('fork 0'));
	const grandchild = Number(await started.request(`tell ${child} fork 0`));
	t.true(readdirSync('/proc').includes(String(grandchild)));
	await started.end();
	t.true(started.hasEnded());
	t.false(isRunning(started.processId));
	t.false(isRunning(child));
	// Its parent was killed, so it ends by itself: its socket was closed.
	while (isRunning(grandchild)) {
		await new Promise(setImmediate);
	}
});

/** Neither gone nor a zombie that waits for its new parent. */
function isRunning(pid: number): boolean {
	try {
		return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'ascii'));
	} catch {
		return false;
	}
}

test('a process that is stuck is killed', async (t) => {
	const started = await startMemoryTarget();
	// pause(2): it never reads that its input has ended.
	const answer = started.request('system-call 34 0 0 0 0 0 0');
	await Promise.all([started.end(), t.throwsAsync(answer, { message: /it was ended by SIGKILL/ })]);
	t.false(isRunning(started.processId));
});

test('a request that fails says what and why', async (t) => {
	const process = await startProcess(t);
	await t.throwsAsync(process.request('nonsense'), { message: /no such request: nonsense/ });
	await t.throwsAsync(process.request('map anonymous'), { message: /takes other arguments/ });
	await t.throwsAsync(process.request('unmap 0x1 4096'), {
		message: 'memory-target: "unmap 0x1 4096" failed: munmap: Invalid argument',
	});
	await t.throwsAsync(process.request('tell 1 identity'), { message: /tell: No such process/ });
	t.true((await process.request('identity')).startsWith(`${process.id} `), 'it goes on');
	t.throws(() => parseAnswer('map', 'o'), { message: /"map" was answered with "o"/ });
});

test('a process that a request brings down is told of', async (t) => {
	const process = await startProcess(t);
	await t.throwsAsync(process.fill(0n, 1, seed), { message: /it was ended by SIGSEGV/ });
	t.true(process.hasEnded());
});

test('a zombie is one when it is told of, and is gone when reaped', async (t) => {
	const process = await startProcess(t);
	const pid = await process.zombie();
	t.regex(readFileSync(`/proc/${pid}/status`, 'ascii'), /^State:\tZ/m);
	await process.reap(pid);
	t.false(readdirSync('/proc').includes(String(pid)));
});

test('the leader has ended when another thread answers in its place', async (t) => {
	const process = await startProcess(t);
	const successor = await process.retire();
	t.regex(readFileSync(`/proc/${process.id}/status`, 'ascii'), /^State:\tZ/m);
	t.deepEqual((await process.request('identity')).split(' ').slice(0, 2).map(Number), [
		process.id,
		successor,
	]);
});

test('a program that is executed answers from then on, with other memory', async (t) => {
	const process = await startProcess(t);
	const child = await process.fork();
	const address = await child.map('anonymous', 1);
	await t.throwsAsync(child.execute('/nonexistent'), { message: /\/nonexistent: No such file/ });
	await child.fill(address, pageSize, seed);
	await child.execute(nativePath('memory-target'));
	t.regex(await child.request('identity'), new RegExp(`^${child.id} ${child.id} `));
	const EFAULT = 14;
	// write(2) to standard error of memory that is gone.
	const { errno } = await child.systemCall(1, 2n, address, 1n);
	t.is(errno, EFAULT);
	await process.execute(nativePath('memory-target'));
	t.regex(await process.request('identity'), new RegExp(`^${process.id} ${process.id} `));
});

test('a child of vfork() has the memory of its parent until it executes a program', async (t) => {
	const process = await startProcess(t);
	const child = await process.vfork();
	const address = await child.map('anonymous', 1);
	await child.fill(address, pageSize, seed);
	t.is(await process.check(address, pageSize, seed), 'same');
	t.regex(
		readFileSync(`/proc/${child.id}/status`, 'ascii'),
		new RegExp(`^PPid:\t${process.id}$`, 'm'),
	);
	const waiting = () =>
		readdirSync(`/proc/${process.id}/task`).filter((thread) => thread !== String(process.id));
	t.is(waiting().length, 1, 'a thread waits for it');
	await child.execute(nativePath('memory-target'));
	const own = await child.map('anonymous', 1);
	await child.set(own, pageSize, 1);
	t.is(await process.check(address, pageSize, seed), 'same', 'afterwards');
	while (waiting().length > 0) {
		await new Promise(setImmediate);
	}
	t.pass('the thread goes on');
});

test('who waits for the end of a process is told when it has ended', async (t) => {
	const [waiter, other] = [await startProcess(t), await startMemoryTarget()];
	let told = false;
	const waiting = waiter.awaitEnd(other.processId).then(() => (told = true));
	t.false(told);
	await other.end();
	await waiting;
	await waiter.awaitEnd(other.processId);
	t.false(isRunning(other.processId));
});
