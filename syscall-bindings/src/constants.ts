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

// Socket families: socket(2).
export const AF_UNIX = 1;
/** The series af-dbus's: AF_UNIX stream sockets on which the kernel listens in. */
export const AF_DBUS = 46;

// Kinds of socket, and the flags that socket(2) and accept4(2) take.
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;

// Flags of send(2) and recv(2).
export const MSG_PEEK = 0x2;
export const MSG_DONTWAIT = 0x40;
export const MSG_WAITALL = 0x100;

// Halves of a connection: shutdown(2).
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

// What poll(2) waits for and reports.
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

/** The level of the socket options of AF_DBUS (include/uapi/linux/dbus.h), which follow. */
export const SOL_DBUS = 288;
/** Turns an AF_UNIX stream socket into one of AF_DBUS: see upgradeToDbus(). */
export const DBUS_UPGRADE = 1;
/** The listener's daemon has no other ways in: see setOnlyWayIn(). */
export const DBUS_ONLY_WAY_IN = 2;
/** What the kernel knows of a connection: see dbusConnection(). */
export const DBUS_CONNECTION = 3;

// Flags that dbusConnection() returns.
/** The daemon accepted who the client says it is. */
export const DBUS_CONNECTION_AUTHENTICATED = 0x1;
/** Client and daemon agreed to pass descriptors. */
export const DBUS_CONNECTION_UNIX_FDS = 0x2;
/** The client became a monitor. */
export const DBUS_CONNECTION_MONITOR = 0x4;
/** The client has a match rule that says eavesdrop='true'. */
export const DBUS_CONNECTION_EAVESDROPS = 0x8;
/** The client said something of which it can't be known what came of it. */
export const DBUS_CONNECTION_UNSURE = 0x10;
/** What the daemon receives from the client isn't followed any more. */
export const DBUS_CONNECTION_RECEIVED_LOST = 0x20;
/** What the daemon sends to the client isn't followed any more. */
export const DBUS_CONNECTION_SENT_LOST = 0x40;
