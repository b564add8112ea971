// SPDX-License-Identifier: GPL-2.0-only
// Row 2p of the contract: with COPY_PROCESS_PIDFD, pid is a pidfd.
import {
	COPY_PROCESS_PIDFD,
	PIDFD_SELF,
	PIDFD_SELF_PROCESS,
	PIDFD_THREAD,
	syscallNumbers,
} from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome, type Expected } from '../src/calls/expect.js';
import { newWays, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageSize } from '../src/process/pattern.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const flags = BigInt(COPY_PROCESS_PIDFD);
const length = BigInt(pageSize);

/** Who is to be named, and with what. */
interface Scene {
	caller: TestProcess;
	target: TestProcess;
}

interface Row {
	what: string;
	/** Gives the word that is passed as pid. */
	name: (scene: Scene) => Promise<bigint>;
	/** Whose memory it is; the target's where left out. */
	own?: true;
	expected: Expected;
}

async function open({ caller }: Scene, id: number, threadFlag = 0): Promise<bigint> {
	const words = [BigInt(id), BigInt(threadFlag)];
	const { returned, errno } = await caller.systemCall(syscallNumbers.pidfd_open, ...words);
	if (returned < 0n) {
		throw new Error(`pidfd_open(${id}, ${threadFlag}) failed with errno ${errno}`);
	}
	return returned;
}

const rows: readonly Row[] = [
	{
		what: 'a process',
		name: (scene) => open(scene, scene.target.id),
		expected: length,
	},
	{
		what: 'a thread that is not the first (PIDFD_THREAD)',
		name: async (scene) => open(scene, (await scene.target.thread()).id, PIDFD_THREAD),
		expected: length,
	},
	{
		what: 'a process whose first thread has ended',
		name: async (scene) => {
			await scene.target.retire();
			return open(scene, scene.target.id);
		},
		expected: length,
	},
	{
		what: 'a first thread that has ended (PIDFD_THREAD)',
		name: async (scene) => {
			const pidfd = await open(scene, scene.target.id, PIDFD_THREAD);
			await scene.target.retire();
			return pidfd;
		},
		expected: 'ESRCH',
	},
	{
		what: 'PIDFD_SELF',
		name: () => Promise.resolve(BigInt(PIDFD_SELF)),
		own: true,
		expected: length,
	},
	{
		what: 'PIDFD_SELF_PROCESS',
		name: () => Promise.resolve(BigInt(PIDFD_SELF_PROCESS)),
		own: true,
		expected: length,
	},
	{ what: 'no open file', name: () => Promise.resolve(9999n), expected: 'EBADF' },
	{ what: 'no descriptor at all', name: () => Promise.resolve(-1n), expected: 'EBADF' },
	{ what: 'a file that is no pidfd', name: () => Promise.resolve(0n), expected: 'EBADF' },
	{
		what: 'a zombie',
		name: async (scene) => open(scene, await scene.target.zombie()),
		expected: 'ESRCH',
	},
	{
		what: 'a process that has been reaped',
		name: async (scene) => {
			const zombie = await scene.target.zombie();
			const pidfd = await open(scene, zombie);
			await scene.target.reap(zombie);
			return pidfd;
		},
		expected: 'ESRCH',
	},
	{ what: 'a kernel thread', name: (scene) => open(scene, 2), expected: 'ESRCH' },
];

/** One end of a copy. */
interface Side {
	process: TestProcess;
	at: bigint;
}

async function checkRow(t: ExecutionContext, way: Way, row: Row): Promise<void> {
	const scene = { caller: await startProcess(t), target: await startProcess(t) };
	const { caller } = scene;
	const owner = row.own ? caller : scene.target;
	const [address, buffer] = [await owner.map('anonymous', 1), await caller.map('anonymous', 1)];
	const remote: Side = { process: owner, at: address };
	const local: Side = { process: caller, at: buffer };
	const [source, sink] = way.direction === 'from' ? [remote, local] : [local, remote];
	await source.process.fill(source.at, pageSize, 1);
	const pid = await row.name(scene);

	const outcome = await caller.copy(way, { pid, address, length, buffer, flags });
	expectOutcome(t, outcome, row.expected);
	const nothing = await caller.copy(way, { pid, address: 0n, length: 0n, buffer: 0n, flags });
	const mayI = row.expected === length ? 0 : row.expected;
	expectOutcome(t, nothing, mayI, 'a length of 0');
	if (row.expected === length) {
		t.is(await sink.process.check(sink.at, pageSize, 1), 'same');
	}
}

defineTable({
	rows: newWays.flatMap((way) => rows.map((row) => ({ way, row }))),
	title: ({ way, row }) => `${way.name}: a pidfd of ${row.what}: ${row.expected}`,
	needs: ({ way }) => ({ root: true, systemCalls: [way.name] }) as const,
	check: (t, { way, row }) => checkRow(t, way, row),
});
