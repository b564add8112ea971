/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One side of a transfer: an array of iovecs that is walked from its beginning to its end.
 * It may be long and the stack may be short (a signal handler's), so that a window of it is
 * looked at at a time.
 */
#ifndef FASTIPC_SIDE_H
#define FASTIPC_SIDE_H

#include <limits.h>
#include <sys/uio.h>

#include "readable.h"

/* As many as the kernel itself takes without allocating (UIO_FASTIOV). */
#define WINDOW 8

/* The kernel takes no more in one call (UIO_MAXIOV). */
#define SEGMENTS_MAXIMUM 1024

/*
 * Where user memory ends, on every x86-64. The old call refuses a local segment beyond, and
 * with page tables of five levels it is the old call that knows.
 */
#define USER_MEMORY_END ((1UL << 47) - 4096)

struct side {
	const struct iovec *vector;	/* the program's */
	unsigned long count;
	long copy_from_process;		/* number of the call that reads the vector */
	unsigned long first;		/* the window's first segment */
	unsigned long current;		/* the segment that is copied */
	size_t done;			/* bytes of it that are copied */
	struct iovec window[WINDOW];
};

static inline bool side_look_at(struct side *side, unsigned long first)
{
	unsigned long count = side->count - first;

	if (count > WINDOW)
		count = WINDOW;
	side->first = first;
	return read_memory(side->window, side->vector + first, count * sizeof(struct iovec),
			   side->copy_from_process);
}

/* A length that the old call takes, and for local memory an address too. */
static inline bool is_ordinary(const struct iovec *segment, bool local)
{
	if (segment->iov_len > SSIZE_MAX)
		return false;
	return !local || ((uintptr_t)segment->iov_base <= USER_MEMORY_END &&
			  segment->iov_len <= USER_MEMORY_END - (uintptr_t)segment->iov_base);
}

/*
 * Looks at every segment, as the old call does before it copies anything. Returns how many
 * bytes they are together, at most SSIZE_MAX; 0 if that is none, or if there is anything
 * about them that the old call may refuse.
 */
static inline size_t side_survey(struct side *side, bool local)
{
	size_t total = 0;

	for (unsigned long i = 0; i < side->count; i++) {
		const struct iovec *segment = &side->window[i % WINDOW];

		if (i % WINDOW == 0 && !side_look_at(side, i))
			return 0;
		if (!is_ordinary(segment, local))
			return 0;
		total += segment->iov_len;
		if (total > SSIZE_MAX)
			total = SSIZE_MAX;
	}
	if (side->first && !side_look_at(side, 0))
		return 0;
	return total;
}

/*
 * Finds where the side goes on. Returns how many bytes it has there in one piece, 0 at the
 * vector's end, or where it can't be read any more.
 */
static inline size_t side_next(struct side *side, char **address)
{
	while (side->current < side->count) {
		const struct iovec *segment = &side->window[side->current - side->first];

		if (side->done < segment->iov_len) {
			*address = (char *)segment->iov_base + side->done;
			return segment->iov_len - side->done;
		}
		side->done = 0;
		side->current++;
		if (side->current - side->first == WINDOW && side->current < side->count &&
		    !side_look_at(side, side->current))
			side->count = side->current;
	}
	return 0;
}

#endif
