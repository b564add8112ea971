/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that are the same for everybody who begins with the same seed (splitmix64). */
#ifndef FASTIPC_RANDOM_H
#define FASTIPC_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_word(struct random *random)
{
	uint64_t word = random->state += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

/* 0 to @limit - 1 */
static inline unsigned long random_below(struct random *random, unsigned long limit)
{
	return random_word(random) % limit;
}

/* True once in @times. */
static inline bool random_once_in(struct random *random, unsigned long times)
{
	return random_below(random, times) == 0;
}

#endif
