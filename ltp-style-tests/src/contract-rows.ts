// SPDX-License-Identifier: GPL-2.0-only
// Every row of the contract of copy_from_process() and copy_to_process(), and the tests that show
// it: so that a test that goes missing is missed.
import { isMatch } from 'matcher';
import type { TestResult } from './report/results.js';

/** A row of the contract. */
export interface ContractRow {
	row: string;
	/** Patterns of test titles, of which each has to match a test. */
	tests: readonly string[];
}

/** A test for each direction. */
const both = (...tests: string[]): string[] =>
	tests.flatMap((test) => [`copy_from_process: ${test}`, `copy_to_process: ${test}`]);

/** Memory of each side, in each direction. */
const onBothSides = (...kinds: string[]): string[] =>
	both(...kinds.flatMap((kind) => [`the target is ${kind}`, `the caller's buffer is ${kind}`]));

/** What a shared or private mapping of a file can be like. */
const ofFiles = (...states: string[]): string[] =>
	onBothSides(
		...['ext4', 'tmpfs', 'hugetlbfs'].flatMap((fileSystem) =>
			states.map((state) => `a ${state.replace('%', `mapping of a file on ${fileSystem}`)}`),
		),
	);

const ofArguments: readonly ContractRow[] = [
	{
		row: 'an unknown flag is EINVAL, whatever else is wrong',
		tests: both(
			'EINVAL for each unknown bit in flags, and nothing is copied',
			'EINVAL for an unknown flag and a pid that names nobody and no permission and length 0 and bad addresses',
		),
	},
	{
		row: 'a pid that names nobody is ESRCH',
		tests: both(
			'ESRCH for pid 0',
			'ESRCH for pid -1',
			'ESRCH for a process that was reaped',
			'ESRCH for a zombie',
			'ESRCH for a leader that ended before its other threads',
			'ESRCH for a kernel thread',
			'ESRCH for a pid that names nobody and no permission and length 0 and bad addresses',
		),
	},
	{
		row: 'COPY_PROCESS_PIDFD',
		tests: both(
			'a pidfd of PIDFD_SELF: *',
			'a pidfd of PIDFD_SELF_PROCESS: *',
			'a pidfd of a process: *',
			'a pidfd of a thread that is not the first (PIDFD_THREAD): *',
			'a pidfd of a process whose first thread has ended: *',
			'a pidfd of a first thread that has ended (PIDFD_THREAD): ESRCH',
			'a pidfd of a process that has been reaped: ESRCH',
			'a pidfd of a zombie: ESRCH',
			'a pidfd of a kernel thread: ESRCH',
			'a pidfd of no descriptor at all: EBADF',
			'a pidfd of a file that is no pidfd: EBADF',
		),
	},
	{
		row: 'a length of 0 asks for permission',
		tests: both('0 for length 0', 'EPERM for no permission and length 0 and bad addresses'),
	},
	{ row: 'any size, with whom the caller may', tests: ['* sizes from 1 to * bytes, with *'] },
	{ row: 'more than 4 GiB in one call', tests: both('5* bytes in one call') },
];

const ofPermission: readonly ContractRow[] = [
	{
		row: 'the same user, another user, root, capabilities',
		tests: [
			'allowed: a user and a process of the same user',
			'allowed: root and another user',
			'allowed: CAP_SYS_PTRACE alone, and another user',
			'EPERM: a user and another user',
			'EPERM: a user and root',
			"EPERM: the target's real user is another",
			"EPERM: the target's effective group is another",
			'EPERM: the same user, but the target has a capability more',
		],
	},
	{
		row: 'user namespaces',
		tests: [
			'allowed: two processes in one user namespace',
			'allowed: who made a user namespace, and a process in it',
			'EPERM: two processes in one user namespace, of which one has undumpable memory from outside',
		],
	},
	{
		row: 'what cannot be dumped, set-user-ID programs',
		tests: [
			"allowed: root, and a process that can't be dumped",
			"EPERM: the same user, and a process that has executed a set-user-ID program of root's",
			"EPERM: the same user, and a process that has executed a set-group-ID program of root's",
			"EPERM: the user that it now is, and a process that has executed a set-user-ID program of another user's",
		],
	},
	{
		row: "Yama's scopes, with and without PR_SET_PTRACER",
		tests: [
			"allowed: Yama's scope 0: a sibling",
			"EPERM: Yama's scope 1: a sibling",
			"allowed: Yama's scope 1: its child",
			"allowed: Yama's scope 1: a sibling that permits it",
			"EPERM: Yama's scope 2: a sibling that permits everybody",
			"allowed: Yama's scope 2: a sibling, with CAP_SYS_PTRACE",
			"EPERM: Yama's scope 3: its child, by root",
			"allowed: Yama's scope 3: itself",
		],
	},
	{
		row: "the pid is the caller's view",
		tests: [
			'allowed: a process in a pid namespace, and its child by its id there',
			'allowed: a process in a pid namespace, by its id outside',
			'ESRCH: a process in a pid namespace, and its parent by its id outside',
		],
	},
	{
		row: 'shared memory and threads always may',
		tests: [
			'allowed: a thread that has become another user, and its process',
			'allowed: a child that shares its memory and has become another user, and its parent',
			'allowed: the child of vfork() that has become another user, and its parent',
			'allowed: a process that cannot be dumped, and itself',
		],
	},
	{
		row: 'a target in the middle of execve()',
		tests: ['arguments', 'threads to end', 'credentials'].flatMap((point) =>
			['a', 'a set-user-ID'].map((kind) => `while ${kind} program's execve() * ${point}, copies *`),
		),
	},
];

const ofMemory: readonly ContractRow[] = [
	{
		row: 'anonymous, shared and file memory that nobody has touched',
		tests: both(
			...['anonymous', 'shared', 'file', 'shared-file'].map(
				(kind) => `pages of ${kind} memory that nobody has touched yet`,
			),
		),
	},
	{
		row: 'shared mappings of files: clean, dirty, read-only, truncated, hole-punched',
		tests: ofFiles(
			'shared % that was read',
			'shared % that is dirty',
			'shared % that was dirty and has been written back',
			'shared % that is read-only',
			'shared % that was truncated',
			'shared % in which a hole was punched',
		),
	},
	{
		row: 'private mappings of files',
		tests: ofFiles(
			'private % that was read',
			'private % that was unshared',
			'private % that is read-only',
			'private % that was truncated',
			'private % in which a hole was punched',
		),
	},
	{
		row: 'files under writeback',
		tests: ['remote', 'local'].map(
			(side) => `* what is written to a file under writeback gets to the disk: ${side}`,
		),
	},
	{ row: 'hugetlbfs', tests: both('across pages of hugetlb') },
	{
		row: 'transparent huge pages: whole, split, half-mapped',
		tests: onBothSides(
			'a whole transparent huge page',
			'a huge page mapped by small pages, as mprotect() of one of them leaves it',
			'a huge page whose second half was unmapped',
			'a huge page of which half was given back (MADV_DONTNEED)',
			'half of a huge page, moved away from the other half',
		),
	},
	{ row: 'KSM', tests: onBothSides('merged with other memory by KSM') },
	{
		row: 'MADV_FREE and MADV_PAGEOUT: nothing is lost',
		tests: onBothSides(
			'lazily freed (MADV_FREE), then reclaimed',
			'a lazily freed transparent huge page, then reclaimed',
			'swapped out',
			'shared memory that was swapped out',
		),
	},
	{
		row: 'the stack and its guard gap',
		tests: [
			...onBothSides('its stack'),
			...both("EFAULT in the gap below the target's stack, which doesn't grow, and no complaint"),
		],
	},
	{
		row: 'memory that must not be accessed',
		tests: both(
			'EFAULT where the address is PROT_NONE',
			'EFAULT where the address is secret memory',
			'EFAULT where the address is memory of a device',
			'EFAULT where the address is a guard page',
			'EFAULT where the address is a page behind the end of its file',
			'EFAULT where the address is the first kernel address',
		),
	},
	{
		row: 'memory that may only be read, written or executed',
		tests: [
			'copy_from_process: EFAULT where the address is memory that may only be executed',
			'copy_from_process: EFAULT where the address is memory that may only be written',
			'copy_to_process: EFAULT where the address is memory that was written and then made read-only',
			'copy_from_process: EFAULT where the buffer is memory that was written and then made read-only',
		],
	},
	{
		row: 'guard regions',
		tests: [
			...both('exact count where a hole is on the remote side: a guard page'),
			...onBothSides('memory whose guard pages were removed'),
		],
	},
	{
		row: 'userfaultfd: missing, write-protected, protected from access, crossed',
		tests: [
			...['remote', 'local'].flatMap((side) =>
				both(
					`waits until user space puts anonymous pages where there are none: ${side}`,
					`waits until user space unprotects pages protected from any access: ${side}`,
				),
			),
			'copy_to_process: waits until user space unprotects pages write-protected: remote',
			"copy_from_process: doesn't wait to read pages write-protected: remote",
			"* against *: caller and target resolve each other's faults",
		],
	},
	{
		row: 'memfds with seals',
		tests: onBothSides(
			'a shared mapping of a file sealed with F_SEAL_WRITE',
			'a private mapping of a file sealed with F_SEAL_WRITE',
			'a shared mapping from after its file was sealed with F_SEAL_FUTURE_WRITE',
		),
	},
	{
		row: 'vdso and vvar',
		tests: [
			'copy_from_process: code that the kernel maps into every process',
			'copy_to_process: EFAULT where the address is [vdso], which the kernel maps',
			'copy_*_process: EFAULT where the address is [vvar], which the kernel maps',
		],
	},
	{
		row: 'the rings of a packet socket',
		tests: onBothSides(
			'the receive ring of a packet socket',
			'the transmit ring of a packet socket',
		),
	},
	{
		row: 'copy-on-write: no bystander sees a write',
		tests: [
			'copy_to_process: private anonymous memory is unshared: nobody but the child that was written to sees it',
			'copy_to_process: private anonymous memory is unshared: nobody but the parent that was written to sees it',
			'copy_to_process: private file memory is unshared: nobody but the child that was written to sees it',
			'copy_from_process: what a forked child has not written is read from it as from its parent',
			'copy_to_process: a transparent huge page that a forked child has too is unshared',
		],
	},
	{
		row: 'soft-dirty and PAGEMAP_SCAN',
		tests: [
			'soft-dirty: copy_to_process: remote, pages that are there',
			'soft-dirty: copy_from_process: local, pages that are there',
			'PAGEMAP_SCAN: copy_to_process: remote, pages that are there',
			'PAGEMAP_SCAN: copy_to_process: remote, pages nobody has touched',
		],
	},
];

const ofCounts: readonly ContractRow[] = [
	{
		row: 'partial results: exact counts at holes',
		tests: both(
			...['the remote side', 'the local side', 'both sides'].map(
				(where) => `exact count where a hole is on ${where}: unmapped`,
			),
		),
	},
	{ row: 'every alignment', tests: both('every alignment of both ends around a page boundary') },
	{
		row: 'ranges that wrap, and lengths beyond any',
		tests: both(
			'a range of which 4096 bytes are mapped and that wraps is copied as far as that',
			'a length of 0x8000000000000000 copies up to the hole',
		),
	},
	{ row: 'overlapping ranges', tests: both('source and destination overlap') },
	{
		row: 'the 32-bit entry',
		tests: ['through int 0x80', 'in a 32-bit process'].flatMap((how) => [
			`copy_from_process ${how}: counts and bytes are right`,
			`copy_to_process ${how}: counts and bytes are right`,
			`copy_*_process ${how}: exact count at a hole on either side and on both`,
		]),
	},
	{
		row: 'no mmap_lock and no allocation for memory that is there',
		tests: ['small pages', 'scattered pages', 'transparent huge pages'].flatMap((kind) =>
			both(`takes no mmap_lock and allocates nothing for ${kind} that are there`),
		),
	},
	{
		row: 'the preload library',
		tests: [
			'preload: results, errno and every byte as of process_vm_readv and process_vm_writev, *',
		],
	},
];

/** All rows, in the contract's order. */
export const contractRows: readonly ContractRow[] = [
	...ofArguments,
	...ofPermission,
	...ofMemory,
	...ofCounts,
];

/**
 * The rows that no test has shown.
 * @param tests the conformance tests of one kernel, all of them
 * @returns each row with the patterns that matched no test that passed
 */
export function rowsNotShown(tests: readonly TestResult[]): ContractRow[] {
	const titles = tests.filter(({ status }) => status === 'passed').map(({ title }) => title);
	return contractRows
		.map(({ row, tests: patterns }) => ({
			row,
			tests: patterns.filter((pattern) => !titles.some((title) => isMatch(title, pattern))),
		}))
		.filter(({ tests: missing }) => missing.length > 0);
}
