/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One call with random arguments. Most are good, or good as far as the next hole; each kind
 * of mistake that the calls have a result for is made now and then.
 */
#ifndef FASTIPC_SCENARIO_H
#define FASTIPC_SCENARIO_H

#include <sys/types.h>
#include <sys/uio.h>

#include "arena.h"

/* One more than a call takes. */
#define VECTOR_MAXIMUM 1025

/* Whom to copy from or to. */
struct targets {
	pid_t good;	/* has the remote arena's holes */
	pid_t self;
	pid_t stranger;
	pid_t zombie;
};

struct vector {
	struct iovec *segments;
	unsigned long count;
};

struct scenario {
	bool write;
	pid_t pid;
	unsigned long flags;
	struct vector local, remote;
};

/* Where vectors are put. */
struct places {
	struct iovec *stack;
	struct iovec *heap;
	unsigned char *before_hole;	/* the end of the last page that can be read */
};

static const uintptr_t odd_addresses[] = {
	0, 8, 0x7ffffffff000, 0x7fffffffeff8, 0x800000000000, 0xfacefeeddeadbeef,
	0xffff888000000000, 0xfffffffffffff000,
};

static const unsigned long odd_lengths[] = {
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x7ffff000, 0x7fffffff,
};

#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

/* Anywhere in the arena, often just before or behind a page's boundary. */
static inline unsigned char *random_address(struct random *random, const struct arena *arena)
{
	unsigned long offset = PAGE_BYTES + random_below(random, ARENA_BYTES - PAGE_BYTES);

	if (random_once_in(random, 2))
		offset = (offset & -PAGE_BYTES) + random_below(random, 17) - 8;
	return arena->holed + offset;
}

static inline unsigned long random_length(struct random *random)
{
	static const unsigned long limits[] = { 2, 17, 65, 500, PAGE_BYTES, 3 * PAGE_BYTES };

	return random_below(random, PICK(random, limits));
}

/* @oddities: one in how many segments isn't an ordinary one */
static inline struct iovec random_segment(struct random *random, const struct arena *arena,
					  unsigned long oddities)
{
	struct iovec segment = {
		.iov_base = random_address(random, arena),
		.iov_len = random_length(random),
	};

	if (random_once_in(random, oddities))
		segment.iov_base = (void *)PICK(random, odd_addresses);
	if (random_once_in(random, oddities))
		segment.iov_len = PICK(random, odd_lengths);
	return segment;
}

static inline unsigned long random_count(struct random *random)
{
	static const unsigned long limits[] = { 1, 1, 2, 3, 8, 11, 18, 40 };

	if (random_once_in(random, 64))
		return VECTOR_MAXIMUM - random_below(random, 3);
	if (random_once_in(random, 40))
		return 0;
	return 1 + random_below(random, PICK(random, limits));
}

/* Makes a vector and puts it somewhere; where it ends in a hole, not all of it can be read. */
static inline struct vector random_vector(struct random *random, const struct arena *arena,
					  struct iovec *stack, struct iovec *heap,
					  unsigned char *before_hole)
{
	struct vector vector = { .count = random_count(random) };
	unsigned long place = random_below(random, 48), readable = vector.count;
	unsigned long oddities = random_once_in(random, 4) ? 16 : 10000;

	if (place == 0) {
		vector.segments = (struct iovec *)PICK(random, odd_addresses);
		return vector;
	}
	if (place == 1)
		readable = random_below(random, readable + 1);
	if (readable > PAGE_BYTES / sizeof(struct iovec))
		readable = PAGE_BYTES / sizeof(struct iovec);
	if (place == 1)
		vector.segments = (struct iovec *)before_hole - readable;
	else
		vector.segments = place < 16 ? heap : stack;
	for (unsigned long i = 0; i < (place == 1 ? readable : vector.count); i++)
		vector.segments[i] = random_segment(random, arena, oddities);
	return vector;
}

static inline pid_t random_pid(struct random *random, const struct targets *targets)
{
	const pid_t bad[] = { 0, -1, 0x3fffffff, targets->stranger, targets->zombie };

	if (random_once_in(random, 6))
		return PICK(random, bad);
	return random_once_in(random, 8) ? targets->self : targets->good;
}

static inline struct scenario random_scenario(struct random *random, const struct arena *local,
					      const struct arena *remote,
					      const struct targets *targets,
					      const struct places *places)
{
	struct scenario scenario = {
		.write = random_once_in(random, 2),
		.pid = random_pid(random, targets),
		.flags = random_once_in(random, 40) ? 1UL << random_below(random, 64) : 0,
	};

	scenario.local = random_vector(random, local, places[0].stack, places[0].heap,
				       places[0].before_hole);
	scenario.remote = random_vector(random, remote, places[1].stack, places[1].heap,
					places[1].before_hole);
	return scenario;
}

#endif
