/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_mrelease() takes a killed target's memory away while it is copied. So that there
 * is time for it, the target can't end: it waits, unkillably, for a pipe's lock, which
 * another process holds that waits in a fault.
 */
#ifndef FASTIPC_RACES_RELEASES_H
#define FASTIPC_RACES_RELEASES_H

#include "exits.h"
#include "faults.h"

enum { RELEASED_DURING_COPY };

static int lock_pipe[2];

static void *write_missing_page(void *page)
{
	/* Holds the lock while it copies from the page. */
	if (write(lock_pipe[1], page, 1) != 1)
		fail("write to a pipe: %s", error_words(errno));
	return NULL;
}

static void hold_pipe(void *argument __attribute__((unused)))
{
	unsigned char *page = map(NULL, PAGE_BYTES, MAP_PRIVATE, -1);
	int fd = make_page_wait(page);
	pthread_t writer = start_thread(write_missing_page, page);

	await_fault(fd);
	set_flag(BLOCKED, 1);
	await_flag(RELEASE, 1);
	answer_fault(fd, page, original);
	pthread_join(writer, NULL);
}

static void wait_for_pipe(void *kind)
{
	if (*(enum memory_kind *)kind == HUGE)
		renew_private_memory(true);
	set_flag(READY, 1);
	if (write(lock_pipe[1], "t", 1) != 1)
		fail("write to a pipe: %s", error_words(errno));
}

/* Whether it is in an uninterruptible sleep. */
static bool sleeps_unkillably(pid_t pid)
{
	char path[32], line[256], *state;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = read(fd, line, sizeof(line) - 1);
	if (fd < 0 || got <= 0)
		fail("%s: %s", path, error_words(errno));
	line[got] = '\0';
	close(fd);
	state = strrchr(line, ')');
	return state && state[2] == 'D';
}

static void *kill_and_release(void *argument)
{
	const struct target *target = argument;

	await_flag(GO, 1);
	busy_until(now() + stage->delay);
	kill(target->pid, SIGKILL);
	while (syscall(SYS_process_mrelease, target->pidfd, 0) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail("process_mrelease: %s", error_words(errno));
	}
	set_flag(OVER, 1);
	return NULL;
}

/* Returns when a copy that began after the release has come back as it must. */
static void copy_released(const struct way *way, const struct target *target,
			  enum memory_kind kind)
{
	unsigned char *memory = memory_of(kind);
	bool over = false;

	while (!over) {
		struct range range = choose_range();
		enum outcome outcome;
		long copied;

		over = get_flag(OVER);
		outcome = copy_range(way, target, memory, range, AS_PLACED, &copied);
		if (way->write && kind == SHARED)
			expect_written_once("shared memory", memory, range, copied);
		if (!over && get_flag(OVER))
			count_event(RELEASED_DURING_COPY);
		if (over && outcome != (kind == SHARED ? FULL : FAULT))
			fail("%s: %s after all memory but the shared was released", way->name,
			     outcome_names[outcome]);
	}
}

static void run_release_round(const struct way *way, enum memory_kind kind)
{
	struct target holder, target;
	pthread_t killer;
	long copied;
	char byte[2];

	clear_flags();
	stage->delay = some_time_from_go();
	holder = start_process(hold_pipe, NULL);
	await_flag(BLOCKED, 1);
	target = start_process(wait_for_pipe, &kind);
	/* Filling its memory may make it sleep unkillably too. */
	await_flag(READY, 1);
	while (!sleeps_unkillably(target.pid))
		sched_yield();
	killer = start_thread(kill_and_release, &target);
	set_flag(GO, 1);
	copy_released(way, &target, kind);
	pthread_join(killer, NULL);
	set_flag(RELEASE, 1);
	while (copy_range(way, &target, memory_of(kind), all_pages, AS_PLACED, &copied) != NOBODY) {
		if (way->write && kind == SHARED)
			expect_written_once("shared memory", SHARED_MEMORY, all_pages, copied);
	}
	reap(&target);
	if (reap(&holder))
		fail("the process that held the pipe did not end well");
	if (read(lock_pipe[0], byte, sizeof(byte)) < 1)
		fail("read from a pipe: %s", error_words(errno));
	expect_bystander_unchanged();
}

static void run_mrelease(void)
{
	if (pipe2(lock_pipe, O_CLOEXEC) < 0)
		fail("pipe: %s", error_words(errno));
	for (unsigned int round = 0; goes_on(); round++)
		run_release_round(next_way(), round / WAYS % KINDS);
}

#endif
