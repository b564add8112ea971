/* SPDX-License-Identifier: GPL-2.0-only */
/* What is copied in one case, from where and to where. */
#ifndef FASTIPC_TRANSFER_H
#define FASTIPC_TRANSFER_H

#include <semaphore.h>
#include <sys/uio.h>

#include "memory-kinds.h"

#define RANGES_MAXIMUM 64

/* A page and a word: the bytes copied differ from page to page, as the pattern's words do. */
#define RANGE_STRIDE (PAGE_BYTES + 4)

/* Where things are mapped: the same in both processes, and far from everything else. */
#define TARGET_ADDRESS ((unsigned char *)0x100000000000)
#define OWN_ADDRESS ((unsigned char *)0x110000000000)
#define BUFFER_ADDRESS ((unsigned char *)0x120000000000)
#define SHARED_ADDRESS ((unsigned char *)0x130000000000)

/* How messages get from the target to this process; both have all of it since the fork. */
struct lanes {
	sem_t *wanted; /* posted by the receiver: the next message, please */
	sem_t *ready; /* posted by the sender: it is in the shared memory */
	unsigned char *shared;
	int pipe[2]; /* [0] is read */
	int stream[2]; /* [0] is the receiver's */
};

struct transfer {
	size_t bytes; /* of all ranges together */
	size_t ranges;
	size_t length; /* of one range */
	unsigned char *remote; /* the target's memory */
	unsigned char *own; /* memory of the same kind in this process */
	unsigned char *buffer; /* all ranges side by side */
	struct iovec remote_ranges[RANGES_MAXIMUM]; /* for those that send */
	pid_t pid;
	char memory_path[32]; /* /proc/PID/mem */
	int memory_file; /* the same, open */
	long number; /* of the system call */
	const struct lanes *lanes;
};

static inline void fill_ranges(const struct transfer *transfer, struct iovec *ranges)
{
	for (size_t i = 0; i < transfer->ranges; i++) {
		ranges[i].iov_base = transfer->remote + i * RANGE_STRIDE;
		ranges[i].iov_len = transfer->length;
	}
}

/* Chooses the bytes: one range, or one byte in each of 64 pages. */
static void set_layout(struct transfer *transfer, size_t bytes, size_t ranges)
{
	transfer->bytes = bytes;
	transfer->ranges = ranges;
	transfer->length = bytes / ranges;
	fill_ranges(transfer, transfer->remote_ranges);
}

/* What the buffer should hold after a copy out of memory filled with that seed. */
static size_t buffer_mismatch(const struct transfer *transfer, uint32_t seed)
{
	if (transfer->ranges == 1)
		return pattern_mismatch(transfer->buffer, transfer->bytes, seed);
	for (size_t i = 0; i < transfer->ranges; i++) {
		if (transfer->buffer[i] != pattern_byte(i * RANGE_STRIDE, seed))
			return i;
	}
	return transfer->bytes;
}

static void fill_buffer(const struct transfer *transfer, uint32_t seed)
{
	if (transfer->ranges == 1)
		return pattern_fill(transfer->buffer, transfer->bytes, seed);
	for (size_t i = 0; i < transfer->ranges; i++)
		transfer->buffer[i] = pattern_byte(i * RANGE_STRIDE, seed);
}

/* The same question of the memory itself, asked in the target. */
static size_t memory_mismatch(const struct transfer *transfer, uint32_t seed)
{
	if (transfer->ranges == 1)
		return pattern_mismatch(transfer->remote, transfer->bytes, seed);
	for (size_t i = 0; i < transfer->ranges; i++) {
		if (transfer->remote[i * RANGE_STRIDE] != pattern_byte(i * RANGE_STRIDE, seed))
			return i;
	}
	return transfer->bytes;
}

#endif
