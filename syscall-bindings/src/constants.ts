// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of the kernel's headers, under their names there. They are the same on x86-64 and
 * arm64.
 */

// Protection of a mapping: mmap(2), mprotect(2).
export const PROT_NONE = 0x0;
export const PROT_READ = 0x1;
export const PROT_WRITE = 0x2;
export const PROT_EXEC = 0x4;

// Kinds of mapping: mmap(2).
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_GROWSDOWN = 0x0100;
export const MAP_LOCKED = 0x2000;
export const MAP_NORESERVE = 0x4000;
export const MAP_POPULATE = 0x8000;
export const MAP_HUGETLB = 0x40000;
export const MAP_FIXED_NOREPLACE = 0x100000;

// Advice: madvise(2).
export const MADV_DONTNEED = 4;
export const MADV_FREE = 8;
export const MADV_DONTFORK = 10;
export const MADV_MERGEABLE = 12;
export const MADV_HUGEPAGE = 14;
export const MADV_NOHUGEPAGE = 15;
export const MADV_COLD = 20;
export const MADV_PAGEOUT = 21;
export const MADV_POPULATE_READ = 22;
export const MADV_POPULATE_WRITE = 23;
export const MADV_GUARD_INSTALL = 102;
export const MADV_GUARD_REMOVE = 103;

// pidfd_open(2).
export const PIDFD_NONBLOCK = 0x800;
export const PIDFD_THREAD = 0x80;

// prctl(2).
export const PR_SET_PDEATHSIG = 1;
export const PR_GET_DUMPABLE = 3;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_PTRACER = 0x59616d61;
/** −1 as an unsigned long: whoever asks. */
export const PR_SET_PTRACER_ANY = 0xffff_ffff_ffff_ffffn;

/** For the flags of copyFromProcess() and copyToProcess(): pid is a pidfd (include/uapi/linux/cross_memory.h). */
export const COPY_PROCESS_PIDFD = 0x1;

/** In place of a pidfd: the calling thread, and its process (include/uapi/linux/pidfd.h). */
export const PIDFD_SELF = -10000;
export const PIDFD_SELF_PROCESS = -10001;
