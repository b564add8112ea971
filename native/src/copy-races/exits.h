/* SPDX-License-Identifier: GPL-2.0-only */
/* The target ends while it is copied from and to. */
#ifndef FASTIPC_RACES_EXITS_H
#define FASTIPC_RACES_EXITS_H

#include "targets.h"

enum ending { EXIT, SIGNAL, LEADER_FIRST, ENDINGS };

enum memory_kind { INHERITED, SHARED, HUGE, KINDS };

struct life {
	enum ending ending;
	enum memory_kind kind;
};

static unsigned char *memory_of(enum memory_kind kind)
{
	return kind == SHARED ? SHARED_MEMORY : PRIVATE_MEMORY;
}

/* Until the moment that the judge has chosen. */
static void live_on(void)
{
	set_flag(READY, 1);
	await_flag(GO, 1);
	busy_until(now() + stage->delay);
}

static void *end_the_rest(void *argument)
{
	live_on();
	/* The leader has gone at about this time; its process goes on for as long again. */
	busy_until(now() + stage->delay);
	_exit(0);
	return argument;
}

static void live_and_end(void *argument)
{
	const struct life *life = argument;

	if (life->kind == HUGE)
		renew_private_memory(true);
	if (life->ending == LEADER_FIRST) {
		start_thread(end_the_rest, NULL);
		await_flag(GO, 1);
		busy_until(now() + stage->delay);
		syscall(SYS_exit, 0);
	}
	live_on();
	if (life->ending == SIGNAL)
		kill(getpid(), SIGKILL);
}

/* Copies until there is nobody left; then there stays nobody. */
static void copy_to_the_end(const struct way *way, const struct target *target,
			    enum memory_kind kind)
{
	unsigned char *memory = memory_of(kind);
	enum outcome outcome;
	struct range range;
	long copied;

	do {
		range = choose_range();
		outcome = copy_range(way, target, memory, range, AS_PLACED, &copied);
		if (way->write && kind == SHARED)
			expect_written_once("shared memory", memory, range, copied);
	} while (outcome != NOBODY);
	if (copy_range(way, target, memory, range, AS_PLACED, &copied) != NOBODY)
		fail("%s: %ld after ESRCH", way->name, copied);
}

static void run_exit(void)
{
	for (unsigned int round = 0; goes_on(); round++) {
		const struct way *way = next_way();
		struct life life = {
			.ending = round / WAYS % ENDINGS, .kind = round / WAYS / ENDINGS % KINDS,
		};
		struct target target;

		clear_flags();
		stage->delay = some_time_from_go();
		target = start_process(live_and_end, &life);
		await_flag(READY, 1);
		set_flag(GO, 1);
		copy_to_the_end(way, &target, life.kind);
		reap(&target);
		if (way->write)
			expect_bystander_unchanged();
	}
}

#endif
