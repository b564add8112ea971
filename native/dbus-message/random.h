/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that follow from a seed. */
#ifndef FASTIPC_DBUS_RANDOM_H
#define FASTIPC_DBUS_RANDOM_H

#include <linux/types.h>

struct random {
	u64 state;
};

static inline struct random seed_random(u64 seed)
{
	return (struct random){ .state = seed * 0x9e3779b97f4a7c15ULL + 1 };
}

/* A number from 0 to @limit - 1. */
static inline u32 random_below(struct random *random, u32 limit)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (u32)(random->state >> 32) % limit;
}

static inline bool one_in(struct random *random, u32 times)
{
	return random_below(random, times) == 0;
}

#endif
