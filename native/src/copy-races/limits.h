/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory cgroups that are full: of the target, which the faults of a copy are charged to,
 * and of the caller, which its own are. Where the OOM killer finds nobody to kill a fault
 * is refused; where it finds the target, the target dies.
 */
#ifndef FASTIPC_RACES_LIMITS_H
#define FASTIPC_RACES_LIMITS_H

#include "exits.h"
#include "groups.h"

enum { CHARGED_TO_TARGET, DIED_DURING_COPY };
enum { OOM_KILLED };

/* Charges are counted in advance, 64 pages for each processor. */
#define CHARGE_SLACK ((long)1 << 20)

enum limited { REFUSED, CHARGED, DYING, LIMITED };

struct member {
	struct control_group group;
	const struct way *way;
	struct target target; /* of the caller */
	struct range range;
	enum limited kind;
};

static void forbid_oom_kill(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) != 5)
		fail("/proc/self/oom_score_adj: %s", error_words(errno));
	close(fd);
}

/* Memory that nothing has been charged for yet. */
static void take_new_memory(unsigned char *address)
{
	map(address, MEMORY_BYTES, MAP_PRIVATE, -1);
	advise(address, MEMORY_BYTES, MADV_NOHUGEPAGE);
}

static void expect_zero(const unsigned char *memory, size_t length, const char *where)
{
	size_t wrong = byte_mismatch(memory, length, 0);

	if (wrong < length)
		fail("%s the counted bytes, byte %zu was written", where, wrong);
}

static void live_limited(void *argument)
{
	const struct member *self = argument;
	size_t count;

	enter_group(&self->group);
	if (self->kind == REFUSED)
		forbid_oom_kill();
	if (self->way->write)
		take_new_memory(PRIVATE_MEMORY);
	set_flag(READY, 1);
	if (self->kind == DYING) {
		await_flag(GO, 1);
		busy_until(now() + stage->delay);
		return;
	}
	/* The copy is over, and there is no limit any more. */
	await_flag(QUIT, 1);
	if (!self->way->write)
		return;
	count = (long)stage->number > 0 ? stage->number : 0;
	if (memcmp(PRIVATE_MEMORY + self->range.offset, written + self->range.offset, count))
		fail("%s: %zu bytes were counted and aren't all in place", self->way->name, count);
	expect_zero(PRIVATE_MEMORY, self->range.offset, "before");
	expect_zero(PRIVATE_MEMORY + self->range.offset + count,
		    MEMORY_BYTES - self->range.offset - count, "behind");
}

static void copy_limited(void *argument)
{
	const struct member *self = argument;
	struct range range = self->range;
	unsigned char *local = self->way->write ? written : AWAY_MEMORY;
	size_t count;
	long copied;

	enter_group(&self->group);
	if (self->kind == REFUSED)
		forbid_oom_kill();
	if (!self->way->write)
		take_new_memory(AWAY_MEMORY);
	set_flag(PAUSED, 1);
	await_flag(GO, 1);
	copied = call_copy(self->way, &self->target, PRIVATE_MEMORY + range.offset, range.length,
			   local + range.offset);
	stage->number = copied;
	count = copied > 0 ? copied : 0;
	if (record(self->way, copied, range.length) == SHORT && self->kind == REFUSED) {
		/* What was refused is refused again, but for what was freed meanwhile. */
		copied = call_copy(self->way, &self->target, PRIVATE_MEMORY + range.offset + count,
				   range.length - count, local + range.offset + count);
		record(self->way, copied, range.length - count);
		count += copied > 0 ? copied : 0;
		stage->number = count;
	}
	set_flag(OVER, 1);
	await_flag(QUIT, 1);
	if (self->way->write)
		return;
	if (memcmp(AWAY_MEMORY + range.offset, original + range.offset, count))
		fail("%s: %zu bytes were counted and aren't all in place", self->way->name, count);
	expect_zero(AWAY_MEMORY, range.offset, "before");
	expect_zero(AWAY_MEMORY + range.offset + count, MEMORY_BYTES - range.offset - count,
		    "behind");
}

/* A limit that less than a whole copy reaches. */
static void limit(const struct control_group *group)
{
	write_group_number(group, "memory.max",
			   read_group_number(group, "memory.current") +
				   random_below(3 * MEMORY_BYTES / 4));
}

static void run_limited_round(const struct way *way, enum limited kind)
{
	struct member owner = { .group = make_group("target"), .way = way, .kind = kind };
	struct member copier = { .group = make_group("caller"), .way = way, .kind = kind };
	struct control_group *full = way->write ? &owner.group : &copier.group;
	struct target target, caller;
	long before, grown;

	clear_flags();
	owner.range = (struct range){ random_below(PAGE_BYTES), MEMORY_BYTES - PAGE_BYTES };
	copier.range = owner.range;
	stage->delay = some_time_from_go();
	target = start_process(live_limited, &owner);
	await_flag(READY, 1);
	copier.target = target;
	caller = start_process(copy_limited, &copier);
	await_flag(PAUSED, 1);
	before = read_group_number(&copier.group, "memory.current");
	if (kind == REFUSED)
		limit(full);
	set_flag(GO, 1);
	if (kind == DYING) {
		reap(&target);
		/* Nothing that the copy still does is charged to this. */
		remove_group(&owner.group);
		if (!get_flag(OVER))
			count_event(DIED_DURING_COPY);
	}
	await_flag(OVER, 1);
	grown = read_group_number(&copier.group, "memory.current") - before;
	if (way->write && grown > CHARGE_SLACK)
		fail("%s: %ld bytes that the target got were charged to the caller", way->name,
		     grown);
	if (kind == CHARGED && way->write) {
		if (read_group_number(&owner.group, "memory.current") <
		    (long)MEMORY_BYTES - CHARGE_SLACK)
			fail("%s: the target was not charged for what it got", way->name);
		count_event(CHARGED_TO_TARGET);
	}
	if (kind == REFUSED)
		write_group(full, "memory.max", "max");
	set_flag(QUIT, 1);
	if (reap(&caller) || (kind != DYING && reap(&target)))
		fail("a process of the limited groups did not end well");
	if (kind != DYING)
		remove_group(&owner.group);
	remove_group(&copier.group);
}

static void run_memory_limit(void)
{
	for (unsigned int round = 0; goes_on(); round++)
		run_limited_round(next_way(), round / WAYS % LIMITED);
	expect_bystander_unchanged();
}

/* What the target takes until the OOM killer comes. */
#define HUNGRY_BYTES ((size_t)64 << 20)

static void eat(void *argument)
{
	unsigned char *food = map(NULL, HUNGRY_BYTES, MAP_PRIVATE, -1);

	enter_group(argument);
	renew_private_memory(random_below(2));
	live_on();
	memset(food, 1, HUNGRY_BYTES);
	fail("a memory cgroup's limit has not kept its process from %zu bytes", HUNGRY_BYTES);
}

static void run_oom_round(const struct way *way)
{
	struct control_group group = make_group("hungry");
	struct target target;
	int status;

	clear_flags();
	stage->delay = some_time_from_go();
	target = start_process(eat, &group);
	await_flag(READY, 1);
	write_group_number(&group, "memory.max",
			   read_group_number(&group, "memory.current") + MEMORY_BYTES);
	set_flag(GO, 1);
	copy_to_the_end(way, &target, INHERITED);
	status = reap(&target);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("the target wasn't killed but ended with status 0x%x", status);
	count_event(OOM_KILLED);
	remove_group(&group);
}

static void run_oom(void)
{
	while (goes_on())
		run_oom_round(next_way());
	expect_bystander_unchanged();
}

#endif
