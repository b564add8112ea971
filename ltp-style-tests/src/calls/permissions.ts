// SPDX-License-Identifier: GPL-2.0-only
import { writeFileSync } from 'node:fs';
import { getYamaScope, type YamaScope } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { untilOnlyTestFile } from '../machine/only-test-file.js';
import { defineTable } from '../needs/define-test.js';
import type { Needs } from '../needs/needs.js';
import { startProcess, type Identity, type TestProcess } from '../process/test-process.js';
import { expectOutcome } from './expect.js';
import { allWays, type Way } from './ways.js';

/** A user without privileges, and another one. */
export const [user, stranger] = [65534, 12345] as const;

const seed = 3;
const length = 100;
const canary = 0x77;

/** Who calls, whose memory it is, and its id as the caller sees it where that isn't the target's. */
export interface Parties {
	caller: TestProcess;
	target: TestProcess;
	pid?: number;
}

/** A caller and a target, and whether the one may copy with the other. */
export interface Permission {
	what: string;
	/** `allowed`, or the errno. */
	expected: 'allowed' | 'EPERM' | 'ESRCH';
	needs?: Needs;
	/**
	 * Yama's scope while the copy is tried; 0, which is as without Yama, where left out. After 3,
	 * which lasts until the next boot, there can't be another one.
	 */
	yama?: YamaScope;
	prepare: (t: ExecutionContext) => Promise<Parties>;
}

/** Two children of this process, the target one that may be dumped, and who they become. */
export async function siblings(
	t: ExecutionContext,
	{ caller: callerIdentity, target: targetIdentity }: { caller?: Identity; target?: Identity },
): Promise<Required<Parties>> {
	const [caller, target] = [await startProcess(t), await startProcess(t)];
	if (callerIdentity !== undefined) {
		await caller.become(callerIdentity);
	}
	if (targetIdentity !== undefined) {
		await target.become(targetIdentity);
		// To become somebody else makes a process one that can't be dumped.
		await target.dumpable(1);
	}
	return { caller, target, pid: target.id };
}

/** A parent and its child, both a user's. */
export async function family(
	t: ExecutionContext,
): Promise<{ parent: TestProcess; child: TestProcess }> {
	const parent = await startProcess(t);
	await parent.become({ user });
	await parent.dumpable(1);
	return { parent, child: await parent.fork() };
}

const scopeFile = '/proc/sys/kernel/yama/ptrace_scope';

/**
 * Sets Yama's scope until the test has ended, where it can be set back; nothing where there is no
 * Yama. What forbids more than the other test files reckon with waits until they have ended.
 */
async function setYamaScope(t: ExecutionContext, scope: YamaScope): Promise<void> {
	const before = getYamaScope();
	if (before === undefined) {
		return;
	}
	if (scope >= 2) {
		await untilOnlyTestFile(t);
	}
	writeFileSync(scopeFile, String(scope));
	if (scope !== 3) {
		t.teardown(() => {
			writeFileSync(scopeFile, String(before));
		});
	}
}

/** Whether a copy is allowed has to hold for the question too, and for every byte. */
async function tryCopy(
	t: ExecutionContext,
	way: Way,
	{ caller, target, pid = target.id }: Parties,
	expected: Permission['expected'],
): Promise<void> {
	const [address, buffer] = [await target.map('anonymous', 1), await caller.map('anonymous', 1)];
	const [source, from, sink, to] =
		way.direction === 'from'
			? ([target, address, caller, buffer] as const)
			: ([caller, buffer, target, address] as const);
	await source.fill(from, length, seed);
	await sink.set(to, length, canary);
	const call = { pid: BigInt(pid), address, length: BigInt(length), buffer };
	const outcome = await caller.copy(way, call);
	const question = await caller.copy(way, { ...call, length: 0n });

	const allowed = expected === 'allowed';
	expectOutcome(t, outcome, allowed ? length : expected, way.name);
	// The peers look at no pid where there is nothing to copy.
	const answer = allowed || way.peer ? 0 : expected;
	expectOutcome(t, question, answer, `${way.name} of nothing`);
	const arrived = allowed ? sink.check(to, length, seed) : sink.all(to, length, canary);
	t.is(await arrived, 'same', `${way.name}: the destination's bytes`);
}

/**
 * A test for each pair of parties, of all calls: to start the processes takes longer than the
 * copies.
 */
export function definePermissions(rows: readonly Permission[]): void {
	defineTable({
		rows,
		title: ({ what, expected }) => `${expected}: ${what}`,
		needs: ({ needs }) => ({ root: true, ...needs, systemCalls: allWays.map(({ name }) => name) }),
		check: async (t, { prepare, yama: scope = 0, expected }) => {
			await setYamaScope(t, scope);
			const parties = await prepare(t);
			for (const way of allWays) {
				await tryCopy(t, way, parties, expected);
			}
		},
	});
}
