// SPDX-License-Identifier: GPL-2.0-only
// Row 3 of the contract: who may copy with whom. The rules are those of ptrace(2)'s access
// checks with PTRACE_MODE_ATTACH_REALCREDS.
import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import {
	definePermissions,
	family,
	siblings,
	stranger,
	user,
	type Permission,
} from '../src/calls/permissions.js';
import type { Needs } from '../src/needs/needs.js';
import { startProcess, type Identity } from '../src/process/test-process.js';

const CLONE_VM = 0x100;
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWPID = 0x2000_0000;
const CAP_NET_RAW = 1n << 13n;
const CAP_SYS_PTRACE = 1n << 19n;

/** The capabilities that this process has, which are those of every process it starts. */
function ownCapabilities(): bigint {
	const [, mask] =
		/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'ascii')) ?? [];
	if (mask === undefined) {
		throw new Error('/proc/self/status has no line CapEff');
	}
	return BigInt(`0x${mask}`);
}

const between = (
	what: string,
	expected: Permission['expected'],
	who: { caller?: Identity; target?: Identity },
): Permission => ({ what, expected, prepare: (t) => siblings(t, who) });

const ownership: readonly Permission[] = [
	between('root and another user', 'allowed', { target: { user } }),
	between('a user and a process of the same user', 'allowed', {
		caller: { user },
		target: { user },
	}),
	between('a user and another user', 'EPERM', { caller: { user: stranger }, target: { user } }),
	between('a user and root', 'EPERM', { caller: { user } }),
	between("the target's real user is another", 'EPERM', {
		caller: { user },
		target: { user: [stranger, user, user], group: user },
	}),
	between("the target's effective user is another", 'EPERM', {
		caller: { user },
		target: { user: [user, stranger, user], group: user },
	}),
	between("the target's saved user is another", 'EPERM', {
		caller: { user },
		target: { user: [user, user, stranger], group: user },
	}),
	between("the target's real group is another", 'EPERM', {
		caller: { user },
		target: { user, group: [stranger, user, user] },
	}),
	between("the target's effective group is another", 'EPERM', {
		caller: { user },
		target: { user, group: [user, stranger, user] },
	}),
	between("the target's saved group is another", 'EPERM', {
		caller: { user },
		target: { user, group: [user, user, stranger] },
	}),
	between("the caller's real user is the target's, its effective one isn't", 'allowed', {
		caller: { user: [user, stranger, stranger], group: user },
		target: { user },
	}),
	between("the caller's effective user is the target's, its real one isn't", 'EPERM', {
		caller: { user: [stranger, user, user], group: user },
		target: { user },
	}),
];

const capabilities: readonly Permission[] = [
	between('CAP_SYS_PTRACE alone, and another user', 'allowed', {
		caller: { user: stranger, capabilities: CAP_SYS_PTRACE },
		target: { user },
	}),
	between('CAP_SYS_PTRACE alone, and root', 'allowed', {
		caller: { user: stranger, capabilities: CAP_SYS_PTRACE },
	}),
	between('root without CAP_SYS_PTRACE, and another user', 'EPERM', {
		caller: { user: 0, capabilities: ownCapabilities() & ~CAP_SYS_PTRACE },
		target: { user },
	}),
	between('root without CAP_SYS_PTRACE, and root with it', 'EPERM', {
		caller: { user: 0, capabilities: ownCapabilities() & ~CAP_SYS_PTRACE },
	}),
	between('the same user, but the target has a capability more', 'EPERM', {
		caller: { user },
		target: { user, capabilities: CAP_NET_RAW },
	}),
	between('the same user and the same capabilities', 'allowed', {
		caller: { user, capabilities: CAP_NET_RAW },
		target: { user, capabilities: CAP_NET_RAW },
	}),
];

/** Siblings whose target has said that it isn't to be dumped. */
const undumpable = (
	what: string,
	expected: Permission['expected'],
	caller: Identity | undefined,
): Permission => ({
	what: `${what}, and a process that can't be dumped`,
	expected,
	prepare: async (t) => {
		const parties = await siblings(t, { ...(caller && { caller }), target: { user } });
		await parties.target.dumpable(0);
		return parties;
	},
});

const dumpable: readonly Permission[] = [
	undumpable('the same user', 'EPERM', { user }),
	undumpable('the same user with CAP_SYS_PTRACE', 'allowed', {
		user,
		capabilities: CAP_SYS_PTRACE,
	}),
	undumpable('root', 'allowed', undefined),
	{
		what: 'a process that cannot be dumped, and itself',
		expected: 'allowed',
		prepare: async (t) => {
			const process = await startProcess(t);
			await process.become({ user });
			await process.dumpable(0);
			return { caller: process, target: process };
		},
	},
];

/** Those who share their memory, whatever their identities. */
const sharers: readonly Permission[] = [
	{
		what: 'a thread that has become another user, and its process',
		expected: 'allowed',
		prepare: async (t) => {
			const target = await startProcess(t);
			const caller = await target.thread();
			await caller.become({ user });
			return { caller, target };
		},
	},
	{
		what: 'a child that shares its memory and has become another user, and its parent',
		expected: 'allowed',
		prepare: async (t) => {
			const target = await startProcess(t);
			const caller = await target.fork(CLONE_VM);
			await caller.become({ user });
			return { caller, target };
		},
	},
	...(['leader', 'thread'] as const).map((named): Permission => ({
		what: `a user, and a process of the same user of which one thread is another's, named by its ${named}`,
		expected: named === 'leader' ? 'allowed' : 'EPERM',
		prepare: async (t) => {
			const { caller, target } = await siblings(t, { caller: { user } });
			const thread = await target.thread();
			await thread.become({ user: stranger });
			await target.become({ user });
			await target.dumpable(1);
			return { caller, target, pid: named === 'leader' ? target.id : thread.id };
		},
	})),
];

const newUsers: Needs = { config: ['CONFIG_USER_NS'] };
const newPids: Needs = { config: ['CONFIG_PID_NS'] };

/** A user's process, and a child of it in a user namespace of its own. */
async function namespaceFamily(t: ExecutionContext) {
	const { parent } = await family(t);
	const inside = await parent.fork(CLONE_NEWUSER);
	return { outside: parent, inside };
}

const namespaces: readonly Permission[] = [
	{
		what: 'who made a user namespace, and a process in it',
		expected: 'allowed',
		needs: newUsers,
		prepare: async (t) => {
			const { outside, inside } = await namespaceFamily(t);
			return { caller: outside, target: inside };
		},
	},
	{
		what: 'root, and a process in the user namespace of a user',
		expected: 'allowed',
		needs: newUsers,
		prepare: async (t) => ({
			caller: await startProcess(t),
			target: (await namespaceFamily(t)).inside,
		}),
	},
	{
		what: 'another user, and a process in the user namespace of a user',
		expected: 'EPERM',
		needs: newUsers,
		prepare: async (t) => {
			const { inside } = await namespaceFamily(t);
			const caller = await startProcess(t);
			await caller.become({ user: stranger });
			return { caller, target: inside };
		},
	},
	{
		what: 'a process in a user namespace, with all capabilities there, and the same user outside',
		expected: 'EPERM',
		needs: newUsers,
		prepare: async (t) => {
			const { outside, inside } = await namespaceFamily(t);
			return { caller: inside, target: outside };
		},
	},
	{
		what: 'two processes in one user namespace',
		expected: 'allowed',
		needs: newUsers,
		prepare: async (t) => {
			const { inside } = await namespaceFamily(t);
			return { caller: inside, target: await inside.fork() };
		},
	},
	{
		what: 'two processes in one user namespace, of which one has undumpable memory from outside',
		expected: 'EPERM',
		needs: newUsers,
		prepare: async (t) => {
			const { inside } = await namespaceFamily(t);
			const target = await inside.fork();
			await target.dumpable(0);
			return { caller: inside, target };
		},
	},
	{
		what: 'a process in a pid namespace, by its id outside',
		expected: 'allowed',
		needs: newPids,
		prepare: async (t) => {
			const caller = await startProcess(t);
			return { caller, target: await caller.fork(CLONE_NEWPID) };
		},
	},
	{
		what: 'a process in a pid namespace, and itself as pid 1',
		expected: 'allowed',
		needs: newPids,
		prepare: async (t) => {
			const inside = await (await startProcess(t)).fork(CLONE_NEWPID);
			return { caller: inside, target: inside, pid: 1 };
		},
	},
	{
		what: 'a process in a pid namespace, and its child by its id there',
		expected: 'allowed',
		needs: newPids,
		prepare: async (t) => {
			const inside = await (await startProcess(t)).fork(CLONE_NEWPID);
			const target = await inside.fork();
			t.is(target.id, 2, 'the second process of its namespace');
			return { caller: inside, target };
		},
	},
	{
		what: 'a process in a pid namespace, and its parent by its id outside',
		expected: 'ESRCH',
		needs: newPids,
		prepare: async (t) => {
			const target = await startProcess(t);
			return { caller: await target.fork(CLONE_NEWPID), target };
		},
	},
];

definePermissions([...ownership, ...capabilities, ...dumpable, ...sharers, ...namespaces]);
