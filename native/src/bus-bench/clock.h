/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock, which counts instructions where the guest runs under icount */
#ifndef FASTIPC_BUS_BENCH_CLOCK_H
#define FASTIPC_BUS_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

#endif
