/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processes of a race have in common: flags to wait for each other, what came
 * back how often, and the way out when something came back that must not.
 */
#ifndef FASTIPC_RACES_STAGE_H
#define FASTIPC_RACES_STAGE_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../error-words.h"

/* What one process tells another. Each belongs to whoever waits for it. */
enum flag {
	READY, /* the target has its memory */
	GO, /* the caller is about to copy */
	PAUSE, /* the target is to stop what it does */
	PAUSED,
	BLOCKED, /* somebody waits in a fault that isn't answered */
	RELEASE, /* it is to be answered */
	OVER, /* what the others wait for has happened */
	QUIT,
	FLAGS,
};

/* What a call gave. */
enum outcome { FULL, SHORT, FAULT, NOBODY, DENIED, KILLED, OUTCOMES };

static const char *const outcome_names[OUTCOMES] = {
	[FULL] = "full", [SHORT] = "short", [FAULT] = "EFAULT",
	[NOBODY] = "ESRCH", [DENIED] = "EPERM", [KILLED] = "EINTR",
};

#define WAYS 4
#define EVENTS_MAXIMUM 12

struct stage {
	pid_t judge; /* the first process */
	_Atomic uint32_t flags[FLAGS];
	_Atomic uint64_t delay; /* nanoseconds from GO until something is to happen */
	_Atomic uint64_t typical; /* nanoseconds that a copy of all memory takes */
	_Atomic uint64_t number; /* whatever else is to be told */
	_Atomic uint64_t tally[WAYS][OUTCOMES];
	_Atomic uint64_t events[EVENTS_MAXIMUM];
	_Atomic uint64_t longest; /* nanoseconds, of what the race times */
};

static struct stage *stage;
static const char *race_name = "";

/* A failure of any process ends the run: the judge, and with it all others. */
static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list arguments;
	char words[512];
	int length;

	length = snprintf(words, sizeof(words), "copy-races: %s: ", race_name);
	va_start(arguments, format);
	length += vsnprintf(words + length, sizeof(words) - length, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(words) - 2)
		length = sizeof(words) - 2;
	words[length++] = '\n';
	/* In one piece, as others may have something to say as well. */
	if (write(2, words, length) != length)
		_exit(2);
	if (stage && stage->judge != getpid())
		kill(stage->judge, SIGTERM);
	_exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

/* Uniform enough for choosing moments and places. */
static uint64_t random_below(uint64_t bound)
{
	static __thread uint64_t state;

	if (!state)
		state = now() * 2 + 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return bound ? state % bound : 0;
}

static void busy_until(uint64_t time)
{
	while (now() < time)
		;
}

static uint32_t get_flag(enum flag flag)
{
	return atomic_load(&stage->flags[flag]);
}

static void set_flag(enum flag flag, uint32_t value)
{
	atomic_store(&stage->flags[flag], value);
	syscall(SYS_futex, &stage->flags[flag], FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

#define SPINS 2000

/* Spins at first, so that what follows the flag comes soon after it. */
static void await_flag(enum flag flag, uint32_t value)
{
	uint32_t found;

	for (int i = 0; i < SPINS; i++) {
		if (get_flag(flag) == value)
			return;
	}
	while ((found = get_flag(flag)) != value)
		syscall(SYS_futex, &stage->flags[flag], FUTEX_WAIT, found, NULL, NULL, 0);
}

static void clear_flags(void)
{
	for (int i = 0; i < FLAGS; i++)
		atomic_store(&stage->flags[i], 0);
}

static void count_event(int event)
{
	atomic_fetch_add(&stage->events[event], 1);
}

static void note_duration(uint64_t nanoseconds)
{
	uint64_t longest = atomic_load(&stage->longest);

	while (nanoseconds > longest &&
	       !atomic_compare_exchange_weak(&stage->longest, &longest, nanoseconds))
		;
}

#endif
