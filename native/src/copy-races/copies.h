/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls, and the judgement on each that came back. */
#ifndef FASTIPC_RACES_COPIES_H
#define FASTIPC_RACES_COPIES_H

#include "memory.h"

/* include/uapi/linux/cross_memory.h */
#define COPY_PROCESS_PIDFD 1L

struct way {
	const char *name;
	bool write, by_pidfd;
};

static const struct way ways[WAYS] = {
	{ "from_pid", false, false },
	{ "from_pidfd", false, true },
	{ "to_pid", true, false },
	{ "to_pidfd", true, true },
};

/* Whom a call names; a thread's own where that is what the race is about. */
struct target {
	pid_t pid;
	int pidfd;
};

/* What a race is: which outcomes may occur, and which must, or it was never met. */
struct race {
	const char *name;
	const char *meets; /* for --help */
	void (*run)(void);
	unsigned int may; /* bits of enum outcome */
	unsigned int must_read, must_write; /* by pid or by pidfd */
	const char *events[EVENTS_MAXIMUM]; /* what else has to have happened */
};

#define BIT(outcome) (1u << (outcome))

static const struct race *race;
static long from_number = -1, to_number = -1;

/* Returns the count, or the negative errno. */
static long call_copy(const struct way *way, const struct target *target, const void *address,
		      size_t length, const void *local)
{
	long result = syscall(way->write ? to_number : from_number,
			      (long)(way->by_pidfd ? target->pidfd : target->pid), address, length,
			      local, way->by_pidfd ? COPY_PROCESS_PIDFD : 0L);

	return result < 0 ? -errno : result;
}

static enum outcome classify(const struct way *way, long result, size_t length)
{
	switch (result) {
	case -EFAULT:
		return FAULT;
	case -ESRCH:
		return NOBODY;
	case -EPERM:
		return DENIED;
	case -EINTR:
		return KILLED;
	}
	if (result < 0)
		fail("%s: %s", way->name, error_words(-result));
	if (result == 0 || (size_t)result > length)
		fail("%s: %ld of %zu bytes copied", way->name, result, length);
	return (size_t)result == length ? FULL : SHORT;
}

/* Counts what came back; fails if it must not. */
static enum outcome record(const struct way *way, long result, size_t length)
{
	enum outcome outcome = classify(way, result, length);

	if (!(race->may & BIT(outcome)))
		fail("%s: %s (%ld of %zu bytes) must not occur here", way->name,
		     outcome_names[outcome], result, length);
	atomic_fetch_add(&stage->tally[way - ways][outcome], 1);
	return outcome;
}

/* That the bytes behind those that were counted are as they were; then all are so again. */
static void expect_canary(const struct way *way, unsigned char *local, size_t length, long copied)
{
	size_t count = copied > 0 ? copied : 0, rest = length - count + MARGIN_BYTES / 2;
	size_t wrong = byte_mismatch(local + count, rest, CANARY);

	if (wrong < rest)
		fail("%s: %ld of %zu bytes were counted, and byte %zu was changed", way->name,
		     copied, length, count + wrong);
	memset(local, CANARY, count);
}

static void expect_read(const struct way *way, unsigned char *local, struct range range,
			long copied, enum freshness freshness)
{
	size_t count = copied > 0 ? copied : 0;
	size_t wrong = first_alien_byte(local, range.offset, count, freshness);

	if (wrong < count)
		fail("%s: byte %zu of %ld copied from %zu is 0x%02x, not 0x%02x", way->name, wrong,
		     copied, range.offset, local[wrong], original[range.offset + wrong]);
	expect_canary(way, local, range.length, copied);
}

static uint64_t call_begin, call_end;

/*
 * Copies a range of @memory, which is the target's, and judges what came back. What a
 * write did in the target is looked at by who can.
 */
static enum outcome copy_range(const struct way *way, const struct target *target,
			       unsigned char *memory, struct range range,
			       enum freshness freshness, long *copied)
{
	/* Any alignment to the other side. */
	unsigned char *local = way->write ? written + range.offset : buffer + range.length % 64;
	enum outcome outcome;

	call_begin = now();
	*copied = call_copy(way, target, memory + range.offset, range.length, local);
	call_end = now();
	outcome = record(way, *copied, range.length);
	if (!way->write)
		expect_read(way, local, range, *copied, freshness);
	if (outcome == FULL && range.length > MEMORY_BYTES / 2)
		atomic_store(&stage->typical, (call_end - call_begin) * MEMORY_BYTES / range.length);
	return outcome;
}

/* A moment while a copy that is about to begin may be under way, in nanoseconds from now. */
static uint64_t some_time_from_go(void)
{
	uint64_t typical = atomic_load(&stage->typical);

	return random_below((typical ? typical : 1000000) * 3 / 2);
}

/* Once for each call of a race that has rounds: all ways in turn. */
static const struct way *next_way(void)
{
	static unsigned int turn;

	return &ways[turn++ % WAYS];
}

#endif
