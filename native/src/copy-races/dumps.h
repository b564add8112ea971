/* SPDX-License-Identifier: GPL-2.0-only */
/* The target dumps core: it has its memory until that is written, and can be copied so long. */
#ifndef FASTIPC_RACES_DUMPS_H
#define FASTIPC_RACES_DUMPS_H

#include <sys/resource.h>
#include <sys/stat.h>

#include "exits.h"

enum { COPIED_DURING_DUMP };

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"

static void *live_beside(void *argument)
{
	for (;;)
		pause();
	return argument;
}

static void dump_core(void *argument __attribute__((unused)))
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &unlimited);
	start_thread(live_beside, NULL);
	live_on();
	set_flag(OVER, 1);
	abort();
}

static void copy_until_dumped(const struct way *way, const struct target *target)
{
	enum outcome outcome;
	long copied;

	do {
		bool dumping = get_flag(OVER);
		struct range range = choose_range();

		outcome = copy_range(way, target, PRIVATE_MEMORY, range, AS_PLACED, &copied);
		if (way->write && copied > 0)
			call_copy(way, target, PRIVATE_MEMORY + range.offset, copied,
				  original + range.offset);
		if (dumping && outcome == FULL)
			count_event(COPIED_DURING_DUMP);
	} while (outcome != NOBODY);
}

/* What was in the file before, for the end. */
static void set_core_pattern(const char *pattern, char *before, size_t size)
{
	int fd = open(CORE_PATTERN, O_RDWR | O_CLOEXEC);
	ssize_t got = before ? read(fd, before, size - 1) : 0;

	if (fd < 0 || got < 0 || pwrite(fd, pattern, strlen(pattern), 0) < 0)
		fail(CORE_PATTERN ": %s", error_words(errno));
	if (before)
		before[got] = '\0';
	close(fd);
}

static void run_dump(void)
{
	char directory[] = "/tmp/copy-races-XXXXXX", core[64], before[256];

	if (!mkdtemp(directory))
		fail("a directory in /tmp: %s", error_words(errno));
	snprintf(core, sizeof(core), "%s/core", directory);
	set_core_pattern(core, before, sizeof(before));
	while (goes_on()) {
		const struct way *way = next_way();
		struct target target;
		int status;

		clear_flags();
		stage->delay = some_time_from_go();
		target = start_process(dump_core, NULL);
		await_flag(READY, 1);
		set_flag(GO, 1);
		copy_until_dumped(way, &target);
		status = reap(&target);
		if (!WIFSIGNALED(status) || !WCOREDUMP(status))
			fail("the target did not dump core: status 0x%x", status);
		unlink(core);
	}
	set_core_pattern(before, NULL, 0);
	rmdir(directory);
	expect_bystander_unchanged();
}

#endif
