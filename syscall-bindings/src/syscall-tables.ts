// SPDX-License-Identifier: GPL-2.0-only

/**
 * Numbers of the system calls that tests use and that no kernel tree can change:
 * they are ABI. Those above 403 are the same on both architectures.
 */
const x64 = {
	read: 0,
	write: 1,
	close: 3,
	mmap: 9,
	mprotect: 10,
	munmap: 11,
	mremap: 25,
	msync: 26,
	madvise: 28,
	getpid: 39,
	kill: 62,
	ptrace: 101,
	getppid: 110,
	setresuid: 117,
	setresgid: 119,
	capset: 126,
	mlock: 149,
	prctl: 157,
	gettid: 186,
	unshare: 272,
	pipe2: 293,
	process_vm_readv: 310,
	process_vm_writev: 311,
	seccomp: 317,
	memfd_create: 319,
	userfaultfd: 323,
	pkey_mprotect: 329,
	pkey_alloc: 330,
	pidfd_send_signal: 424,
	pidfd_open: 434,
	pidfd_getfd: 438,
	process_madvise: 440,
	memfd_secret: 447,
	process_mrelease: 448,
	map_shadow_stack: 453,
};

/** A system call that goes by the same name, and not the same number, everywhere. */
export type StableSystemCallName = keyof typeof x64;

const arm64: Record<StableSystemCallName, number> = {
	read: 63,
	write: 64,
	close: 57,
	mmap: 222,
	mprotect: 226,
	munmap: 215,
	mremap: 216,
	msync: 227,
	madvise: 233,
	getpid: 172,
	kill: 129,
	ptrace: 117,
	getppid: 173,
	setresuid: 147,
	setresgid: 149,
	capset: 91,
	mlock: 228,
	prctl: 167,
	gettid: 178,
	unshare: 97,
	pipe2: 59,
	process_vm_readv: 270,
	process_vm_writev: 271,
	seccomp: 277,
	memfd_create: 279,
	userfaultfd: 282,
	pkey_mprotect: 288,
	pkey_alloc: 289,
	pidfd_send_signal: 424,
	pidfd_open: 434,
	pidfd_getfd: 438,
	process_madvise: 440,
	memfd_secret: 447,
	process_mrelease: 448,
	map_shadow_stack: 453,
};

/** By Node's names of architectures (`process.arch`). */
export const stableNumbers: ReadonlyMap<
	string,
	Readonly<Record<StableSystemCallName, number>>
> = new Map([
	['x64', x64],
	['arm64', arm64],
]);
