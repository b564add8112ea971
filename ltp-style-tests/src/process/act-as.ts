// SPDX-License-Identifier: GPL-2.0-only
import { errnoName, systemCall, type SystemCallName } from '@fastipc/syscall-bindings';

/** Who does something: numbers of a user, his group, and the other groups that he is in. */
export interface User {
	uid: number;
	gid: number;
	groups?: readonly number[];
}

const unchanged = -1n;

function must(name: SystemCallName, ...words: (bigint | Uint8Array)[]): void {
	const { returned, errno } = systemCall(name, ...words);
	if (returned !== 0n) {
		throw new Error(`${name}(${words.join(', ')}) gave ${errnoName(errno)}: it takes real root`);
	}
}

function setGroups(groups: readonly number[]): void {
	must('setgroups', BigInt(groups.length), new Uint8Array(Uint32Array.from(groups).buffer));
}

/**
 * Does something as another user would: this thread only, by effective ids, as the raw calls are
 * a thread's. What is opened or connected meanwhile has that user's credentials for good.
 * @param act must not await anything
 */
export function actAs<Result>({ uid, gid, groups = [] }: User, act: () => Result): Result {
	const own = process.getgroups?.() ?? [];
	setGroups(groups);
	must('setresgid', unchanged, BigInt(gid), unchanged);
	must('setresuid', unchanged, BigInt(uid), unchanged);
	try {
		return act();
	} finally {
		must('setresuid', unchanged, 0n, unchanged);
		must('setresgid', unchanged, 0n, unchanged);
		setGroups(own);
	}
}
