// SPDX-License-Identifier: GPL-2.0-only
// Yama, which lets fewer processes trace each other than row 3 of the contract would by itself:
// Documentation/admin-guide/LSM/Yama.rst. These rows are a test file's last, those with scope 3 the
// machine's, as nobody may trace anybody from then on.
import type { YamaScope } from '@fastipc/syscall-bindings';
import {
	definePermissions,
	family,
	siblings,
	stranger,
	user,
	type Permission,
} from '../src/calls/permissions.js';
import { startProcess, type Identity, type TestProcess } from '../src/process/test-process.js';

const CLONE_VM = 0x100;
const CAP_SYS_PTRACE = 1n << 19n;

const yamaRow = (
	yama: YamaScope,
	what: string,
	expected: Permission['expected'],
	prepare: Permission['prepare'],
): Permission => ({
	what: `Yama's scope ${yama}: ${what}`,
	expected,
	yama,
	needs: { config: ['CONFIG_SECURITY_YAMA'], ...(yama === 3 ? { guest: true } : {}) },
	prepare,
});

/** Siblings of one user, the target of which has told Yama who may trace it. */
const permitting =
	(
		who: (caller: TestProcess) => readonly number[],
		caller: Identity = { user },
	): Permission['prepare'] =>
	async (t) => {
		const parties = await siblings(t, { caller, target: { user } });
		for (const pid of who(parties.caller)) {
			await parties.target.allowTracer(pid);
		}
		return parties;
	};
const toSibling = permitting(() => []);
const toPermittingSibling = permitting(() => [-1]);
const withCapability = permitting(() => [], { user, capabilities: CAP_SYS_PTRACE });

const toChild: Permission['prepare'] = async (t) => {
	const { parent, child } = await family(t);
	return { caller: parent, target: child };
};
const toParent: Permission['prepare'] = async (t) => {
	const { parent, child } = await family(t);
	return { caller: child, target: parent };
};
const toGrandchild: Permission['prepare'] = async (t) => {
	const { parent, child } = await family(t);
	return { caller: parent, target: await child.fork() };
};
const toSelf: Permission['prepare'] = async (t) => {
	const { parent } = await family(t);
	return { caller: parent, target: parent };
};
const rootToChild: Permission['prepare'] = async (t) => {
	const caller = await startProcess(t);
	return { caller, target: await caller.fork() };
};

/** Who copies its own memory is asked nothing, whoever it is. */
const sharers = (yama: YamaScope): readonly Permission[] => [
	yamaRow(yama, 'itself', 'allowed', toSelf),
	yamaRow(yama, 'its process, by a thread that has become another user', 'allowed', async (t) => {
		const target = await startProcess(t);
		const caller = await target.thread();
		await caller.become({ user: stranger });
		return { caller, target };
	}),
	yamaRow(yama, 'its parent, by a child that shares its memory', 'allowed', async (t) => {
		const target = await startProcess(t);
		const caller = await target.fork(CLONE_VM);
		await caller.become({ user: stranger });
		return { caller, target };
	}),
	yamaRow(yama, 'its child of vfork(), which shares its memory', 'allowed', async (t) => {
		const { parent: target } = await family(t);
		return { caller: target, target, pid: (await target.vfork()).id };
	}),
];

definePermissions([
	yamaRow(0, 'a sibling', 'allowed', toSibling),
	yamaRow(0, 'its parent', 'allowed', toParent),

	yamaRow(1, 'a sibling', 'EPERM', toSibling),
	yamaRow(1, 'its child', 'allowed', toChild),
	yamaRow(1, 'its grandchild', 'allowed', toGrandchild),
	yamaRow(1, 'its parent', 'EPERM', toParent),
	yamaRow(
		1,
		'a sibling that permits it',
		'allowed',
		permitting(({ id }) => [id]),
	),
	yamaRow(1, 'a sibling that permits everybody', 'allowed', toPermittingSibling),
	yamaRow(
		1,
		'a sibling that permits its ancestor',
		'allowed',
		permitting(() => [process.pid]),
	),
	yamaRow(1, 'a sibling that permits another', 'EPERM', async (t) => {
		const parties = await siblings(t, { caller: { user }, target: { user } });
		// Who is permitted may hand it down: so not to an ancestor of the caller's.
		await parties.target.allowTracer((await startProcess(t)).id);
		return parties;
	}),
	yamaRow(
		1,
		'a sibling that permits nobody any more',
		'EPERM',
		permitting(({ id }) => [id, 0]),
	),
	yamaRow(
		1,
		'a sibling of another user, which permits it',
		'EPERM',
		permitting(({ id }) => [id], { user: stranger }),
	),
	yamaRow(1, 'a sibling, with CAP_SYS_PTRACE', 'allowed', withCapability),
	...sharers(1),

	yamaRow(2, 'its child', 'EPERM', toChild),
	yamaRow(2, 'a sibling that permits everybody', 'EPERM', toPermittingSibling),
	yamaRow(2, 'a sibling, with CAP_SYS_PTRACE', 'allowed', withCapability),
	yamaRow(2, 'its child, by root', 'allowed', rootToChild),
	...sharers(2),

	yamaRow(3, 'its child', 'EPERM', toChild),
	yamaRow(3, 'a sibling that permits everybody', 'EPERM', toPermittingSibling),
	yamaRow(3, 'a sibling, with CAP_SYS_PTRACE', 'EPERM', withCapability),
	yamaRow(3, 'its child, by root', 'EPERM', rootToChild),
	...sharers(3),
]);
