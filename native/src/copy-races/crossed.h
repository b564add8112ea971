/* SPDX-License-Identifier: GPL-2.0-only */
/* Many copiers: two processes out of each other, and a thousand threads from one target. */
#ifndef FASTIPC_RACES_CROSSED_H
#define FASTIPC_RACES_CROSSED_H

#include <sys/resource.h>

#include "targets.h"

enum { BOTH_COPIED };

/* Which of the two are in a call now. */
struct meeting {
	_Atomic uint32_t inside[2];
	_Atomic int32_t pids[2];
};

static struct meeting *meeting;

/* Somebody who always waits to change the mappings makes readers of the mmap_lock wait too. */
static void *change_mappings(void *argument)
{
	for (;;) {
		unsigned char *here = map(NULL, 4 * PAGE_BYTES, MAP_PRIVATE, -1);

		*here = 1;
		if (munmap(here, 4 * PAGE_BYTES) < 0)
			fail("munmap: %s", error_words(errno));
	}
	return argument;
}

/*
 * Either the other's constant memory, judged byte by byte, or what both copy at once in
 * both directions, and have to fault in first: some bytes or others, but no deadlock.
 */
static void copy_crossed(const struct way *way, const struct target *other, unsigned int round)
{
	struct range range = choose_range();
	long copied;

	if (!way->write && round / WAYS % 2) {
		copy_range(way, other, PRIVATE_MEMORY, range, AS_PLACED, &copied);
		return;
	}
	advise(AWAY_MEMORY, MEMORY_BYTES, random_below(4) ? MADV_DONTNEED : MADV_HUGEPAGE);
	copied = call_copy(way, other, AWAY_MEMORY + range.offset, range.length,
			   AWAY_MEMORY + range.offset);
	record(way, copied, range.length);
}

static void copy_out_of_other(int self)
{
	struct target other = { .pid = meeting->pids[!self] };
	unsigned int round = 0;

	other.pidfd = open_pidfd(other.pid, 0);
	start_thread(change_mappings, NULL);
	do {
		const struct way *way = next_way();

		if (self == 0 && !goes_on())
			set_flag(QUIT, 1);
		meeting->inside[self] = 1;
		if (meeting->inside[!self])
			count_event(BOTH_COPIED);
		copy_crossed(way, &other, round++);
		meeting->inside[self] = 0;
	} while (!get_flag(QUIT));
	/* The other one may be in its last call. */
	set_flag(self ? READY : OVER, 1);
	await_flag(self ? OVER : READY, 1);
}

static void be_the_other(void *argument __attribute__((unused)))
{
	meeting->pids[1] = getpid();
	set_flag(GO, 1);
	copy_out_of_other(1);
}

static void run_crossed(void)
{
	struct target other;

	meeting = map(NULL, PAGE_BYTES, MAP_SHARED, -1);
	meeting->pids[0] = getpid();
	map(AWAY_MEMORY, MEMORY_BYTES, MAP_PRIVATE, -1);
	other = start_process(be_the_other, NULL);
	await_flag(GO, 1);
	copy_out_of_other(0);
	if (reap(&other))
		fail("the other process did not end well");
}

#define THREADS 1000
#define THREAD_BYTES (8 * PAGE_BYTES)

/* Each target lives until the threads have read it so often; half of them write only. */
#define CROWD_READS (THREADS / 2)

struct crowd {
	struct target target;
	pthread_barrier_t gate; /* opens when a target is there, and when all have lost it */
	_Atomic unsigned int reads; /* of this target */
};

static struct crowd crowd;

static void copy_until_gone(unsigned int index, unsigned char *local)
{
	const struct way *way = &ways[index % WAYS];
	enum outcome outcome;

	do {
		struct range range = { random_below(MEMORY_BYTES - THREAD_BYTES),
				       1 + random_below(THREAD_BYTES) };
		unsigned char *source = way->write ? written + range.offset : local;
		long copied = call_copy(way, &crowd.target, PRIVATE_MEMORY + range.offset,
					range.length, source);

		outcome = record(way, copied, range.length);
		if (!way->write && atomic_fetch_add(&crowd.reads, 1) + 1 == CROWD_READS)
			set_flag(OVER, 1);
		/* All write the same bytes. */
		if (!way->write)
			expect_read(way, local, range, copied, ANY_OF_ITS_OWN);
	} while (outcome != NOBODY);
}

static void *copy_in_crowd(void *argument)
{
	size_t length = THREAD_BYTES + MARGIN_BYTES;
	unsigned char *local = map(NULL, length, MAP_PRIVATE, -1);

	memset(local, CANARY, length);
	for (;;) {
		pthread_barrier_wait(&crowd.gate);
		if (get_flag(QUIT))
			return NULL;
		copy_until_gone((uintptr_t)argument, local);
		pthread_barrier_wait(&crowd.gate);
	}
}

static void run_threads(void)
{
	static pthread_t threads[THREADS];

	pthread_barrier_init(&crowd.gate, NULL, THREADS + 1);
	for (size_t i = 0; i < THREADS; i++)
		threads[i] = start_thread(copy_in_crowd, (void *)i);
	/* Who starts and ends the target doesn't wait for all of them. */
	setpriority(PRIO_PROCESS, 0, -20);
	while (goes_on()) {
		crowd.reads = 0;
		set_flag(OVER, 0);
		crowd.target = start_process(live_until_killed, NULL);
		pthread_barrier_wait(&crowd.gate);
		await_flag(OVER, 1);
		kill(crowd.target.pid, SIGKILL);
		pthread_barrier_wait(&crowd.gate);
		reap(&crowd.target);
	}
	set_flag(QUIT, 1);
	pthread_barrier_wait(&crowd.gate);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	expect_bystander_unchanged();
}

#endif
