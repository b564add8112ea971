/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The caller is killed, stopped, traced, frozen or sent a signal in the middle of a copy of
 * a gibibyte: it gets no further than the batch that it is in, and says how far that is.
 */
#ifndef FASTIPC_RACES_INTERRUPTED_H
#define FASTIPC_RACES_INTERRUPTED_H

#include <sys/ptrace.h>

#include "groups.h"

#define LONG_BYTES ((size_t)1 << 30)
/* The copy is let go on up to here at most. */
#define LONG_ENOUGH ((size_t)48 << 20)

#define LONG_SOURCE ((unsigned char *)0x200000000000)
#define LONG_SINK ((unsigned char *)0x210000000000)

/* REMOTE_COPY_BYTES, and REMOTE_COPY_PAGES that may have been faulted in for the next. */
#define BATCH_BYTES HUGE_BYTES
#define BATCH_PAGES ((size_t)64)

enum interruption { BY_KILL, BY_STOP, BY_HANDLER, BY_TRACER, BY_FREEZER, INTERRUPTIONS };

struct long_copy {
	const struct way *way;
	struct target target;
	struct control_group group;
};

static int sink_file;

/* The same 4 MiB again and again, so that a gibibyte of source takes no memory. */
static void map_long_memory(void)
{
	for (size_t i = 0; i < LONG_BYTES; i += MEMORY_BYTES)
		map(LONG_SOURCE + i, MEMORY_BYTES, MAP_SHARED, shared_file);
	sink_file = memfd_create("copy-races-sink", MFD_CLOEXEC);
	if (sink_file < 0 || ftruncate(sink_file, LONG_BYTES) < 0)
		fail("memfd_create: %s", error_words(errno));
	map(LONG_SINK, LONG_BYTES, MAP_SHARED, sink_file);
}

static void empty_sink(void)
{
	if (fallocate(sink_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, LONG_BYTES) < 0)
		fail("fallocate: %s", error_words(errno));
}

/* How far the copy is, to the page; looking doesn't touch the memory. */
static size_t progress(void)
{
	off_t hole = lseek(sink_file, 0, SEEK_HOLE);

	if (hole < 0)
		fail("lseek: %s", error_words(errno));
	return hole;
}

static void ignore_signal(int signal __attribute__((unused)))
{
}

static void copy_a_gibibyte(void *argument)
{
	const struct long_copy *copy = argument;
	struct sigaction action = { .sa_handler = ignore_signal, .sa_flags = SA_RESTART };
	unsigned char *address = copy->way->write ? LONG_SINK : LONG_SOURCE;
	unsigned char *local = copy->way->write ? LONG_SOURCE : LONG_SINK;

	sigaction(SIGUSR1, &action, NULL);
	enter_group(&copy->group);
	set_flag(READY, 1);
	stage->number = call_copy(copy->way, &copy->target, address, LONG_BYTES, local);
	set_flag(OVER, 1);
	await_flag(QUIT, 1);
}

static void await_stop(pid_t pid, int options)
{
	int status;

	if (waitpid(pid, &status, options) != pid || !WIFSTOPPED(status))
		fail("the caller did not stop: status 0x%x", status);
}

/* Begins to interrupt; the caller gets to know of it before this returns. */
static void begin_interruption(enum interruption how, const struct long_copy *copy, pid_t pid)
{
	static const int signals[] = {
		[BY_KILL] = SIGKILL, [BY_STOP] = SIGSTOP, [BY_HANDLER] = SIGUSR1,
	};

	if (how == BY_TRACER) {
		if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
			fail("ptrace: %s", error_words(errno));
	} else if (how == BY_FREEZER) {
		write_group(&copy->group, "cgroup.freeze", "1");
	} else {
		kill(pid, signals[how]);
	}
}

/* Returns when the copy is over. */
static void await_interruption(enum interruption how, const struct long_copy *copy, pid_t pid)
{
	siginfo_t information;

	switch (how) {
	case BY_KILL:
		if (waitid(P_PID, pid, &information, WEXITED | WNOWAIT) < 0)
			fail("waitid: %s", error_words(errno));
		break;
	case BY_STOP:
		await_stop(pid, WUNTRACED);
		break;
	case BY_TRACER:
		await_stop(pid, 0);
		break;
	case BY_FREEZER:
		freeze(&copy->group);
		break;
	default:
		await_flag(OVER, 1);
	}
}

/* Lets the caller return to its program, which then says what the call gave. */
static void resume(enum interruption how, const struct long_copy *copy, pid_t pid)
{
	if (how == BY_STOP)
		kill(pid, SIGCONT);
	else if (how == BY_TRACER && ptrace(PTRACE_DETACH, pid, 0, 0) < 0)
		fail("PTRACE_DETACH: %s", error_words(errno));
	else if (how == BY_FREEZER)
		thaw(&copy->group);
	await_flag(OVER, 1);
}

/* That the sink holds the source up to @count, and then, as far as there is anything, 0. */
static void expect_sink(const struct way *way, size_t count, size_t reached)
{
	for (size_t i = 0; i < count; i += MEMORY_BYTES) {
		size_t length = count - i < MEMORY_BYTES ? count - i : MEMORY_BYTES;
		size_t wrong = first_difference(LONG_SINK + i, original, length);

		if (wrong < length)
			fail("%s: byte %zu of %zu that were counted isn't in place", way->name,
			     i + wrong, count);
	}
	if (count > reached)
		fail("%s: %zu bytes were counted, %zu are there", way->name, count, reached);
	if (byte_mismatch(LONG_SINK + count, reached - count, 0) < reached - count)
		fail("%s: bytes beyond the %zu that were counted were written", way->name, count);
}

/* The same of a caller that was killed, and so has no count: all are in place up to a point. */
static void expect_prefix(const struct way *way, size_t reached)
{
	size_t from = reached > BATCH_BYTES ? (reached - BATCH_BYTES) & ~(MEMORY_BYTES - 1) : 0;
	size_t count = from;

	while (count < reached) {
		size_t length = reached - count < MEMORY_BYTES ? reached - count : MEMORY_BYTES;
		size_t right = first_difference(LONG_SINK + count, original, length);

		count += right;
		if (right < length)
			break;
	}
	expect_sink(way, count, reached);
}

static void interrupt_copy(enum interruption how, const struct long_copy *copy)
{
	size_t wanted = random_below(LONG_ENOUGH), before, after;
	struct target caller;
	uint64_t begin;

	clear_flags();
	empty_sink();
	caller = start_process(copy_a_gibibyte, (void *)copy);
	await_flag(READY, 1);
	while (progress() <= wanted)
		;
	begin_interruption(how, copy, caller.pid);
	begin = now();
	before = progress();
	await_interruption(how, copy, caller.pid);
	note_duration(now() - begin);
	after = progress();
	if (after > before + BATCH_BYTES + 2 * BATCH_PAGES * PAGE_BYTES)
		fail("%s: %zu bytes were copied after the caller was told to stop", copy->way->name,
		     after - before);
	count_event(how);
	if (how == BY_KILL) {
		expect_prefix(copy->way, after);
	} else {
		resume(how, copy, caller.pid);
		record(copy->way, stage->number, LONG_BYTES);
		expect_sink(copy->way, stage->number, after);
	}
	set_flag(QUIT, 1);
	reap(&caller);
}

static void run_interrupted(void)
{
	struct long_copy copy = { .group = make_group("caller") };

	map_long_memory();
	copy.target = start_process(live_until_killed, NULL);
	for (unsigned int round = 0; goes_on(); round++) {
		copy.way = next_way();
		interrupt_copy(round % INTERRUPTIONS, &copy);
	}
	end_process(&copy.target);
	remove_group(&copy.group);
}

#endif
