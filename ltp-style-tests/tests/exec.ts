// SPDX-License-Identifier: GPL-2.0-only
// Row 3 of the contract while the target executes a program: until that has its credentials, a copy
// is one of the old program's memory, or waits. Memory that the caller may not copy it never sees.
import { syscallNumbers } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome, type Expected } from '../src/calls/expect.js';
import { user } from '../src/calls/permissions.js';
import { allWays, copyFrom, peerFrom, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import {
	haltAtArguments,
	haltAtCredentials,
	haltAtThreads,
	type Halt,
} from '../src/process/halted-exec.js';
import { findMapping } from '../src/process/page-state.js';
import { untilAsleepIn } from '../src/process/process-state.js';
import { testPrograms } from '../src/process/programs.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const length = 100;
const [oldSeed, newSeed] = [0xe1, 0xe2];
const program = testPrograms();

// Of x86-64, which is what the guest runs.
const SYS_personality = 135;
const ADDR_NO_RANDOMIZE = 0x004_0000n;
/** The end of the highest stack; a new program's has its strings there before its own memory. */
const stackEnd = 0x7fff_ffff_f000n;

const needs: Needs = {
	root: true,
	config: ['CONFIG_USERFAULTFD', 'CONFIG_PERF_EVENTS'],
	systemCalls: allWays.map(({ name }) => name),
};

/** What the target executes, and what a call that begins afterwards gives. */
const programs = [
	{ kind: 'a', mode: 0o755, afterwards: length },
	{ kind: 'a set-user-ID', mode: 0o4755, afterwards: 'EPERM' },
] as const;

/** A user's process that is going to execute a program. */
interface Scene {
	target: TestProcess;
	/** Memory that both the old and the new program have. */
	address: bigint;
	path: string;
	halt: Halt;
}

async function setScene(
	t: ExecutionContext,
	mode: number,
	prepare: (t: ExecutionContext, target: TestProcess) => Promise<Halt>,
): Promise<Scene> {
	const target = await startProcess(t);
	const halt = await prepare(t, target);
	await target.become({ user });
	await target.dumpable(1);
	const { start: address } = await findMapping(target.id, ' rw-p ');
	return { target, address, path: program({ mode }), halt };
}

/** A process of the target's user, and what it copies with. */
async function startCaller(t: ExecutionContext, { target, address }: Scene) {
	const caller = await startProcess(t);
	await caller.become({ user });
	await caller.dumpable(1);
	const buffer = await caller.map('anonymous', 1);
	const call: CopyArguments = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
	return { caller, call };
}

/** Copies of memory of the target's that hold the old pattern before and after. */
async function copyOld(
	t: ExecutionContext,
	way: Way,
	caller: TestProcess,
	call: CopyArguments,
): Promise<void> {
	const { buffer } = call;
	if (way.direction === 'from') {
		expectOutcome(t, await caller.copy(way, call), length, way.name);
		t.is(await caller.check(buffer, length, oldSeed), 'same', `${way.name}: what was read`);
		return;
	}
	for (const seed of [newSeed, oldSeed]) {
		await caller.fill(buffer, length, seed);
		expectOutcome(t, await caller.copy(way, call), length, way.name);
		await caller.set(buffer, length, 0);
		expectOutcome(t, await caller.copy(peerFrom, call), length, 'a look at it');
		t.is(await caller.check(buffer, length, seed), 'same', `${way.name}: what was written`);
	}
}

defineTable({
	rows: [
		{ prepare: haltAtArguments, during: 'reads its arguments' },
		{ prepare: haltAtThreads, during: 'waits for threads to end' },
	].flatMap((halt) => programs.map((executed) => ({ ...halt, ...executed }))),
	title: ({ kind, during }) =>
		`while ${kind} program's execve() ${during}, copies are of the old program's memory`,
	needs,
	check: async (t, { prepare, mode, afterwards }) => {
		const scene = await setScene(t, mode, prepare);
		const { target, address, halt, path } = scene;
		const { caller, call } = await startCaller(t, scene);
		const old = await target.map('low', 1);
		await target.fill(old, length, oldSeed);
		const executing = target.execute(path, halt.argument);
		await halt.reached();
		for (const way of allWays) {
			await copyOld(t, way, caller, { ...call, address: old });
		}
		await halt.release();
		await executing;
		const gone = afterwards === 'EPERM' ? 'EPERM' : 'EFAULT';
		expectOutcome(t, await caller.copy(copyFrom, { ...call, address: old }), gone, 'afterwards');
		expectOutcome(t, await caller.copy(copyFrom, { ...call, address }), afterwards, 'its own');
	},
});

/** Starts a call and waits until it waits. */
async function startWaitingCopy(t: ExecutionContext, scene: Scene, way: Way) {
	const { caller, call } = await startCaller(t, scene);
	const copy = caller.copy(way, call);
	await untilAsleepIn(caller.id, syscallNumbers[way.name]);
	return { way, caller, copy };
}

defineTable({
	rows: programs,
	title: ({ kind, afterwards }) =>
		`while ${kind} program's execve() is about to change its credentials, copies wait: ${afterwards}`,
	needs,
	check: async (t, { mode, afterwards }) => {
		const set = await setScene(t, mode, haltAtCredentials);
		const { target, halt, path } = set;
		// The program's own memory is mapped only after the copies were let go on.
		await target.systemCall(SYS_personality, ADDR_NO_RANDOMIZE);
		const scene = { ...set, address: stackEnd - BigInt(length) };
		const executing = target.execute(path);
		await halt.reached();
		// What could be written to the new program may be what it needs.
		const ways = allWays.filter(({ direction }) => afterwards === 'EPERM' || direction === 'from');
		const copies = await inTurn(ways, (way) => startWaitingCopy(t, scene, way));
		for (const way of ways.filter(({ peer }) => !peer)) {
			const { caller, copy } = await startWaitingCopy(t, scene, way);
			process.kill(caller.id, 'SIGKILL');
			await t.throwsAsync(copy, { message: /it was ended by SIGKILL/ }, `${way.name}: killed`);
		}
		await halt.release();
		await executing;
		for (const { way, copy } of copies) {
			const expected: Expected = afterwards;
			expectOutcome(t, await copy, expected, way.name);
		}
	},
});

/** One after another, as the processes of a test would only be in each other's way. */
async function inTurn<Item, Result>(
	items: readonly Item[],
	work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	for (const item of items) {
		results.push(await work(item));
	}
	return results;
}
