/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target forks while it is written to. The child gets what was there at that moment;
 * nothing that arrives later may be seen in it, nor in the parent that the target itself
 * was forked from.
 */
#ifndef FASTIPC_RACES_FORKS_H
#define FASTIPC_RACES_FORKS_H

#include "targets.h"

enum { WATCHED_DURING_COPY };

/* What the judge, the target and its child tell each other. */
struct fork_report {
	_Atomic uint64_t watched_from; /* when the child began to look */
	/* What of the memory holds what was written when the round is over. */
	struct range range;
	long copied;
	unsigned char seen[MEMORY_BYTES];
};

static struct fork_report *fork_report;

static void place_fork_report(void)
{
	fork_report = map(NULL, sizeof(*fork_report), MAP_SHARED, -1);
	memset(fork_report->seen, 0, MEMORY_BYTES);
}

/*
 * Takes a copy of all its memory from the end on, as the write that is under way comes from
 * the beginning: what that one, or a later one, still reaches is different then.
 */
static void watch_own_memory(void *argument __attribute__((unused)))
{
	unsigned char *seen = fork_report->seen;

	fork_report->watched_from = now();
	for (size_t page = MEMORY_BYTES; page > 0; page -= PAGE_BYTES)
		memcpy(seen + page - PAGE_BYTES, PRIVATE_MEMORY + page - PAGE_BYTES, PAGE_BYTES);
	set_flag(PAUSED, 1);
	await_flag(OVER, 1);
	if (memcmp(seen, PRIVATE_MEMORY, MEMORY_BYTES))
		fail("a copy to its parent changed byte %zu of a process that was forked before",
		     first_difference(PRIVATE_MEMORY, seen, MEMORY_BYTES));
}

static void live_and_fork(void *argument __attribute__((unused)))
{
	unsigned int round = 0;

	for (set_flag(READY, 1);; set_flag(READY, 1), round++) {
		struct target child;

		await_flag(GO, 1);
		busy_until(now() + stage->delay);
		child = start_process(watch_own_memory, NULL);
		if (reap(&child))
			fail("the forked process did not end well");
		expect_written_once("the target's memory", PRIVATE_MEMORY, fork_report->range,
				    fork_report->copied);
		/* Pages that nobody else has any more, and huge ones, fork differently. */
		if (round % 8 == 7)
			renew_private_memory(round % 16 == 15);
		set_flag(GO, 0);
	}
}

/* Copies again and again, each time other bytes, until the child has seen its memory. */
static void copy_until_seen(const struct way *way, const struct target *target)
{
	struct range range = choose_range();
	bool seen, back = false;
	long copied;

	fork_report->range = range;
	fork_report->copied = 0;
	do {
		seen = get_flag(PAUSED);
		if (back)
			record(way,
			       call_copy(way, target, PRIVATE_MEMORY + range.offset, range.length,
					 original + range.offset),
			       range.length);
		else
			copy_range(way, target, PRIVATE_MEMORY, range, AS_PLACED, &copied);
		if (way->write && !back && fork_report->watched_from > call_begin &&
		    fork_report->watched_from < call_end)
			count_event(WATCHED_DURING_COPY);
		if (way->write) {
			back = !back;
			fork_report->copied = back ? (long)range.length : 0;
		}
	} while (!seen);
}

static void run_fork(void)
{
	struct target target;

	place_fork_report();
	target = start_process(live_and_fork, NULL);
	while (goes_on()) {
		const struct way *way = next_way();

		await_flag(READY, 1);
		set_flag(READY, 0);
		set_flag(OVER, 0);
		set_flag(PAUSED, 0);
		stage->delay = some_time_from_go();
		set_flag(GO, 1);
		copy_until_seen(way, &target);
		set_flag(OVER, 1);
		await_flag(GO, 0);
	}
	end_process(&target);
	expect_bystander_unchanged();
}

#endif
