// SPDX-License-Identifier: GPL-2.0-only
// Row 3 of the contract where the target, or the caller, has executed a program: set-user-ID,
// set-group-ID, not to be read by its user, or in the child of vfork().
import type { ExecutionContext } from 'ava';
import {
	definePermissions,
	family,
	siblings,
	stranger,
	user,
	type Parties,
	type Permission,
} from '../src/calls/permissions.js';
import { testPrograms, type ProgramFile } from '../src/process/programs.js';
import type { Identity, TestProcess } from '../src/process/test-process.js';

const CLONE_NEWUSER = 0x1000_0000;
const program = testPrograms();

const ordinary: ProgramFile = {};
const setUserId: ProgramFile = { mode: 0o4755 };
const setStrangersId: ProgramFile = { owner: stranger, mode: 0o4755 };
const setGroupId: ProgramFile = { group: stranger, mode: 0o2755 };
/** Its user may execute it and not read it, nor what the process then holds. */
const unreadable: ProgramFile = { mode: 0o711 };

/** Siblings of which the target, a user's, has executed a program. */
async function afterExec(
	t: ExecutionContext,
	file: ProgramFile,
	caller: Identity,
): Promise<Required<Parties>> {
	const parties = await siblings(t, { caller, target: { user } });
	await parties.target.execute(program(file));
	return parties;
}

const executed = (
	what: string,
	expected: Permission['expected'],
	file: ProgramFile,
	caller: Identity = { user },
): Permission => ({
	what: `${what}, and a process that has executed ${describe(file)}`,
	expected,
	prepare: (t) => afterExec(t, file, caller),
});

function describe({ owner = 0, mode = 0o755 }: ProgramFile): string {
	if ((mode & 0o6000) === 0) {
		return (mode & 0o044) === 0 ? 'a program that it may not read' : 'a program';
	}
	const kind = (mode & 0o4000) === 0 ? 'set-group-ID' : 'set-user-ID';
	return `a ${kind} program of ${owner === 0 ? "root's" : "another user's"}`;
}

const targets: readonly Permission[] = [
	executed('the same user', 'allowed', ordinary),
	executed('the same user', 'EPERM', setUserId),
	executed('root', 'allowed', setUserId, { user: 0 }),
	executed('the same user', 'EPERM', setStrangersId),
	executed('the user that it now is', 'EPERM', setStrangersId, { user: stranger }),
	executed('root', 'allowed', setStrangersId, { user: 0 }),
	executed('the same user', 'EPERM', setGroupId),
	executed('root', 'allowed', setGroupId, { user: 0 }),
	executed('the same user', 'EPERM', unreadable),
	executed('root', 'allowed', unreadable, { user: 0 }),
	...([0, 1] as const).map((dumpable): Permission => ({
		what: `the same user, and a process that has been root by a set-user-ID program${dumpable === 1 ? ', but says that it may be dumped' : ''}`,
		expected: dumpable === 1 ? 'allowed' : 'EPERM',
		prepare: async (t) => {
			const parties = await afterExec(t, setUserId, { user });
			await parties.target.become({ user });
			await parties.target.dumpable(dumpable);
			return parties;
		},
	})),
];

const callers: readonly Permission[] = ([ordinary, setUserId] as const).map((file) => ({
	what: `a user that has executed ${describe(file)}, and another user's process`,
	expected: file === setUserId ? 'allowed' : 'EPERM',
	prepare: async (t) => {
		const parties = await siblings(t, { caller: { user }, target: { user: stranger } });
		await parties.caller.execute(program(file));
		return parties;
	},
}));

/** Both in one user namespace, the caller with all capabilities there. */
const namespaces: readonly Permission[] = ([ordinary, unreadable] as const).map((file) => ({
	what: `two processes in one user namespace, of which one has executed ${describe(file)}`,
	expected: file === ordinary ? 'allowed' : 'EPERM',
	needs: { config: ['CONFIG_USER_NS'] },
	prepare: async (t) => {
		const caller = await (await family(t)).parent.fork(CLONE_NEWUSER);
		const target = await caller.fork();
		await target.execute(program(file));
		return { caller, target };
	},
}));

/** A parent and its child of vfork(), both a user's or both root's, and a user's process. */
async function vforked(
	t: ExecutionContext,
	identity: Identity,
): Promise<{
	parent: TestProcess;
	child: TestProcess;
	other: TestProcess;
}> {
	const { caller: other, target: parent } = await siblings(t, {
		caller: { user },
		target: identity,
	});
	return { parent, child: await parent.vfork(), other };
}

const vforks: readonly Permission[] = [
	{
		what: "the same user, and the child of vfork(), which has its parent's memory",
		expected: 'allowed',
		prepare: async (t) => {
			const { parent, child, other } = await vforked(t, { user });
			return { caller: other, target: parent, pid: child.id };
		},
	},
	{
		what: 'who called vfork(), and its child that has become another user',
		expected: 'allowed',
		prepare: async (t) => {
			const { parent, child } = await vforked(t, { user: 0 });
			await parent.become({ user });
			await child.become({ user: stranger });
			return { caller: parent, target: parent, pid: child.id };
		},
	},
	{
		what: 'the child of vfork() that has become another user, and its parent',
		expected: 'allowed',
		prepare: async (t) => {
			const { parent, child } = await vforked(t, { user: 0 });
			await child.become({ user: stranger });
			return { caller: child, target: parent };
		},
	},
	{
		what: "a user, and the child of vfork() that has become another user, with its parent's memory",
		expected: 'EPERM',
		prepare: async (t) => {
			const { parent, child, other } = await vforked(t, { user: 0 });
			await child.become({ user: stranger });
			await child.dumpable(1);
			await parent.become({ user });
			await parent.dumpable(1);
			return { caller: other, target: parent, pid: child.id };
		},
	},
	...([ordinary, setUserId] as const).map((file): Permission => ({
		what: `who called vfork(), and its child that has executed ${describe(file)}`,
		expected: file === ordinary ? 'allowed' : 'EPERM',
		prepare: async (t) => {
			const { parent, child } = await vforked(t, { user });
			await child.execute(program(file));
			return { caller: parent, target: child };
		},
	})),
];

definePermissions([...targets, ...callers, ...namespaces, ...vforks]);
