/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls under test, all in the shape of copy_from_process(): by number for
 * the new ones, or by number through the 32-bit entry, and by name for the peers
 * process_vm_readv() and process_vm_writev(), with one iovec on either side.
 */
#ifndef FASTIPC_COPY_WAYS_H
#define FASTIPC_COPY_WAYS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct copy_way {
	long number;
	bool peer;
	/* Through int 0x80, as a 32-bit program calls. */
	bool int80;
};

/* What a call gave: the value returned, and errno where that is -1. */
struct copy_outcome {
	long returned;
	int error;
};

/* Reads "peer-from", "peer-to", NUMBER or "int80:NUMBER"; false if it is none of these. */
static inline bool copy_way_parse(const char *text, struct copy_way *way)
{
	char *end;

	way->peer = true;
	way->int80 = false;
	if (!strcmp(text, "peer-from")) {
		way->number = SYS_process_vm_readv;
		return true;
	}
	if (!strcmp(text, "peer-to")) {
		way->number = SYS_process_vm_writev;
		return true;
	}
	way->peer = false;
	if (!strncmp(text, "int80:", strlen("int80:"))) {
		way->int80 = true;
		text += strlen("int80:");
	}
	way->number = strtol(text, &end, 0);
	return end != text && !*end && way->number > 0;
}

/* The kernel takes the lower half of each register. */
static inline struct copy_outcome copy_call_int80(long number, unsigned long pid,
						  unsigned long address, unsigned long length,
						  unsigned long buffer, unsigned long flags)
{
	long returned;

	__asm__ volatile("int $0x80"
			 : "=a"(returned)
			 : "0"(number), "b"(pid), "c"(address), "d"(length), "S"(buffer), "D"(flags)
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	/* So does a 32-bit program of the result. */
	returned = (int)returned;
	if (returned < 0 && returned >= -4095)
		return (struct copy_outcome){ .returned = -1, .error = (int)-returned };
	return (struct copy_outcome){ .returned = returned };
}

/* One call. Every argument is a whole register, so that a test can set bits which an int lacks. */
static inline struct copy_outcome copy_call(struct copy_way way, unsigned long pid,
					    unsigned long address, unsigned long length,
					    unsigned long buffer, unsigned long flags)
{
	struct iovec local = { .iov_base = (void *)buffer, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)address, .iov_len = length };
	struct copy_outcome outcome = { 0 };

	if (way.int80)
		return copy_call_int80(way.number, pid, address, length, buffer, flags);
	if (way.peer)
		outcome.returned = syscall(way.number, pid, &local, 1L, &remote, 1L, flags);
	else
		outcome.returned = syscall(way.number, pid, address, length, buffer, flags);
	if (outcome.returned == -1)
		outcome.error = errno;
	return outcome;
}

#endif
