/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies between every pair of alignments around a page boundary on either side,
 * in lengths that end before, on and behind it, and looks at every byte: those that
 * were to be copied, and a margin on both sides that nothing may touch.
 */
#ifndef FASTIPC_ALIGNMENTS_H
#define FASTIPC_ALIGNMENTS_H

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "copy-ways.h"
#include "pattern.h"

#define ALIGNMENT_REACH 8	/* bytes before and behind the boundary at which a copy begins */
#define ALIGNMENT_MARGIN 8	/* bytes around a copy that are looked at too */
#define ALIGNMENT_CANARY 0xa5

static const size_t alignment_lengths[] = {
	1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 4095, 4096, 4097,
};

/* From so far before the boundary, this much memory is needed on either side of the copy. */
#define ALIGNMENT_BEFORE (ALIGNMENT_REACH + ALIGNMENT_MARGIN)
#define ALIGNMENT_WINDOW (ALIGNMENT_BEFORE + ALIGNMENT_REACH + 4097 + ALIGNMENT_MARGIN)

struct alignments {
	struct copy_way way;
	bool to_process;	/* copy_to_process() or its peer */
	pid_t pid;
	unsigned char *remote;	/* a page boundary; the pattern begins ALIGNMENT_BEFORE before it */
	unsigned char *local;	/* a page boundary of this process */
	uint32_t seed;
	/* Both 0, but where it is to be shown that a wrong copy is noticed: the call is made
	 * with its remote address and its length wrong by as much.
	 */
	long skew;
	long surplus;
	size_t checked;
	char report[256];
};

static inline bool alignment_transfer(struct alignments *run, bool write, unsigned char *here)
{
	struct iovec local = { .iov_base = here, .iov_len = ALIGNMENT_WINDOW };
	struct iovec remote = {
		.iov_base = run->remote - ALIGNMENT_BEFORE, .iov_len = ALIGNMENT_WINDOW,
	};
	ssize_t moved = write ? process_vm_writev(run->pid, &local, 1, &remote, 1, 0)
			      : process_vm_readv(run->pid, &local, 1, &remote, 1, 0);

	if (moved == ALIGNMENT_WINDOW)
		return true;
	snprintf(run->report, sizeof(run->report), "the peer moved %zd of %d bytes, errno %d",
		 moved, ALIGNMENT_WINDOW, moved < 0 ? errno : 0);
	return false;
}

/* The window's byte @i should be the canary outside of [start, start + length), the pattern within. */
static inline bool alignment_verify(struct alignments *run, const unsigned char *window,
				    size_t start, size_t pattern_start, size_t length)
{
	for (size_t i = 0; i < ALIGNMENT_WINDOW; i++) {
		bool inside = i >= start && i < start + length;
		unsigned char expected = inside ?
			pattern_byte(pattern_start + i - start, run->seed) : ALIGNMENT_CANARY;

		if (window[i] == expected)
			continue;
		snprintf(run->report, sizeof(run->report),
			 "byte %ld of the copy is 0x%02x, expected 0x%02x",
			 (long)i - (long)start, window[i], expected);
		return false;
	}
	return true;
}

static inline bool alignment_try(struct alignments *run, size_t remote, size_t local, size_t length)
{
	static unsigned char scratch[ALIGNMENT_WINDOW];
	unsigned char *window = run->local - ALIGNMENT_BEFORE;
	struct copy_outcome outcome;

	memset(run->to_process ? scratch : window, ALIGNMENT_CANARY, ALIGNMENT_WINDOW);
	if (run->to_process && !alignment_transfer(run, true, scratch))
		return false;
	outcome = copy_call(run->way, run->pid,
			    (unsigned long)run->remote - ALIGNMENT_BEFORE + remote + run->skew,
			    length + run->surplus, (unsigned long)window + local, 0);
	if (outcome.returned != (long)length) {
		snprintf(run->report, sizeof(run->report), "returned %ld, errno %d",
			 outcome.returned, outcome.error);
		return false;
	}
	if (!run->to_process)
		return alignment_verify(run, window, local, remote, length);
	return alignment_transfer(run, false, scratch) &&
	       alignment_verify(run, scratch, remote, local, length);
}

/* True if every copy was right; else run->report says which one wasn't, and how. */
static inline bool alignments_check(struct alignments *run)
{
	const size_t first = ALIGNMENT_MARGIN, last = ALIGNMENT_BEFORE + ALIGNMENT_REACH;
	size_t lengths = sizeof(alignment_lengths) / sizeof(alignment_lengths[0]);
	char what[sizeof(run->report)];

	if (run->to_process)
		pattern_fill(run->local - ALIGNMENT_BEFORE, ALIGNMENT_WINDOW, run->seed);
	for (size_t remote = first; remote <= last; remote++) {
		for (size_t local = first; local <= last; local++) {
			for (size_t i = 0; i < lengths; i++, run->checked++) {
				if (alignment_try(run, remote, local, alignment_lengths[i]))
					continue;
				memcpy(what, run->report, sizeof(what));
				snprintf(run->report, sizeof(run->report),
					 "remote %+ld local %+ld length %zu: %.150s",
					 (long)remote - ALIGNMENT_BEFORE,
					 (long)local - ALIGNMENT_BEFORE, alignment_lengths[i], what);
				return false;
			}
		}
	}
	return true;
}

#endif
