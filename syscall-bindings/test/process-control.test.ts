// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

import {
	closeDescriptor,
	getYamaScope,
	isDumpable,
	pageSize,
	pidfdOpen,
	PIDFD_NONBLOCK,
	setDumpable,
	setPtracer,
	threadId,
} from '@fastipc/syscall-bindings';
import test from 'ava';

test('pidfdOpen opens a pidfd of that process', (t) => {
	const descriptor = pidfdOpen(process.ppid, PIDFD_NONBLOCK);
	const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'ascii');
	t.regex(info, new RegExp(`^Pid:\\t${process.ppid}$`, 'm'));
	t.regex(readlinkSync(`/proc/self/fd/${descriptor}`), /pidfd/);
	closeDescriptor(descriptor);
	t.false(existsSync(`/proc/self/fd/${descriptor}`));
});

test('pidfdOpen says what failed', (t) => {
	t.throws(() => pidfdOpen(0), {
		code: 'EINVAL',
		message: 'EINVAL: invalid argument, pidfd_open(pid 0, flags 0x0)',
	});
	t.throws(() => pidfdOpen(process.pid, 1), { code: 'EINVAL' });
	t.throws(() => pidfdOpen(2 ** 31 - 1), { code: 'ESRCH' });
	t.throws(() => pidfdOpen(process.pid, -1), {
		message: `EINVAL: invalid argument, pidfd_open(pid ${process.pid}, flags 0xffffffff)`,
	});
});

test('threadId is the main thread', (t) => {
	t.is(threadId(), process.pid);
});

test('setDumpable is seen by the kernel', (t) => {
	setDumpable(false);
	t.false(isDumpable());
	setDumpable(true);
	t.true(isDumpable());
});

test('getYamaScope reads what the kernel says, and setPtracer needs Yama', (t) => {
	const file = '/proc/sys/kernel/yama/ptrace_scope';
	if (existsSync(file)) {
		t.is(String(getYamaScope()), readFileSync(file, 'ascii').trim());
		t.notThrows(() => {
			setPtracer('any');
			setPtracer(process.ppid);
			setPtracer(0);
		});
		t.throws(
			() => {
				setPtracer(2 ** 31 - 1);
			},
			{ code: 'EINVAL' },
		);
	} else {
		t.is(getYamaScope(), undefined);
		t.throws(
			() => {
				setPtracer('any');
			},
			{
				code: 'EINVAL',
				message: 'EINVAL: invalid argument, prctl(PR_SET_PTRACER, any)',
			},
		);
	}
});

test('pageSize is a power of two of at least 4096', (t) => {
	t.true(pageSize >= 4096);
	t.is(Math.log2(pageSize) % 1, 0);
});
