// SPDX-License-Identifier: GPL-2.0-only
import {
	AF_DBUS,
	SOCK_STREAM,
	systemCall,
	type NewSystemCallName,
} from '@fastipc/syscall-bindings';

/** errno of a call that asks for nothing and is allowed: 0, or 38 (ENOSYS). */
function errnoOfEmptyCall(name: NewSystemCallName): number {
	return systemCall(name, BigInt(process.pid), 0n, 0n, 0n, 0n).errno;
}

/** Why the new calls can't be tried on this kernel; undefined where they can. */
export function whyNewCallsAreMissing(): string | undefined {
	return errnoOfEmptyCall('copy_from_process') === 38
		? 'ENOSYS: this kernel has no copy_from_process'
		: undefined;
}

/** Why AF_DBUS can't be tried on this kernel; undefined where it can. */
export function whyDbusIsMissing(): string | undefined {
	const { returned, errno } = systemCall('socket', BigInt(AF_DBUS), BigInt(SOCK_STREAM), 0n);
	if (returned !== -1n) {
		systemCall('close', returned);
		return undefined;
	}
	return `errno ${errno}: this kernel has no AF_DBUS`;
}

/** A test's title with why it is not run at its end, where the report of `npm test` looks for it. */
export function titleWhenSkipped(title: string, reason: string): string {
	return `${title} ⟨skipped: ${reason}⟩`;
}
