/* SPDX-License-Identifier: GPL-2.0-only */
/* The target is frozen, and thawed again: no copy notices, and none wakes it. */
#ifndef FASTIPC_RACES_FREEZE_H
#define FASTIPC_RACES_FREEZE_H

#include "groups.h"

enum { COPIED_WHILE_FROZEN, FROZEN_DURING_COPY };

/* Even while the target is frozen. */
static _Atomic uint64_t freezes = 1;

static void live_in_group(void *argument)
{
	enter_group(argument);
	set_flag(READY, 1);
	for (;;)
		atomic_fetch_add(&stage->number, 1);
}

static void *freeze_and_thaw(void *argument)
{
	const struct control_group *group = argument;
	uint64_t number;

	while (!get_flag(QUIT)) {
		freeze(group);
		number = stage->number;
		atomic_fetch_add(&freezes, 1);
		busy_until(now() + some_time_from_go());
		if (stage->number != number)
			fail("the frozen target ran");
		atomic_fetch_add(&freezes, 1);
		thaw(group);
		busy_until(now() + some_time_from_go());
	}
	return NULL;
}

static void copy_while_frozen(const struct way *way, const struct target *target,
			      unsigned char *memory)
{
	struct range range = choose_range();
	uint64_t before = freezes;
	long copied;

	copy_range(way, target, memory, range, AS_PLACED, &copied);
	if (freezes != before)
		count_event(FROZEN_DURING_COPY);
	else if (before % 2 == 0)
		count_event(COPIED_WHILE_FROZEN);
	if (!way->write)
		return;
	if (memory == SHARED_MEMORY)
		expect_written_once("shared memory", memory, range, copied);
	else
		call_copy(way, target, memory + range.offset, range.length,
			  original + range.offset);
}

static void run_freeze(void)
{
	struct control_group group = make_group("freeze");
	struct target target = start_process(live_in_group, &group);
	pthread_t freezer;

	await_flag(READY, 1);
	freezer = start_thread(freeze_and_thaw, &group);
	for (unsigned int round = 0; goes_on(); round++)
		copy_while_frozen(next_way(), &target,
				  round / WAYS % 2 ? SHARED_MEMORY : PRIVATE_MEMORY);
	set_flag(QUIT, 1);
	pthread_join(freezer, NULL);
	/* A frozen process can be killed, and lets go of its group. */
	freeze(&group);
	end_process(&target);
	remove_group(&group);
	expect_bystander_unchanged();
}

#endif
