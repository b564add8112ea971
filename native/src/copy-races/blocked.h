/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The caller waits in the middle of a batch, for a page of its own that is missing. It has
 * the target's pages in its hands, but no lock: whatever the target does meanwhile comes to
 * its end, and then the copy does, with exactly the pages that there were.
 *
 * And the other way round: who waits for the target's page can be killed, and so can the
 * target.
 */
#ifndef FASTIPC_RACES_BLOCKED_H
#define FASTIPC_RACES_BLOCKED_H

#include "execs.h"
#include "exits.h"
#include "faults.h"
#include "forks.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

/* Less than a batch, and in it the page that is missing. */
#define BLOCKED_PAGES 32
#define MISSING_PAGE 16

enum change {
	UNMAPS, PROTECTS, MOVES, DISCARDS, PAGES_OUT, FORKS, EXITS, EXECS, CHANGES,
	CALLER_KILLED = CHANGES, CALLER_KILLED_IN_TARGET, TARGET_KILLED, ALL_CHANGES,
};

static const struct range blocked_range = { 0, BLOCKED_PAGES * PAGE_BYTES };

struct blocked_call {
	const struct way *way;
	const struct target *target;
	unsigned char *memory;
	long copied;
};

/* The caller's own memory, at another address than the target's. */
static unsigned char *const local_memory = (unsigned char *)0x300000000000;

static void *make_blocked_call(void *argument)
{
	struct blocked_call *call = argument;

	call->copied = call_copy(call->way, call->target, call->memory, blocked_range.length,
				 local_memory);
	return NULL;
}

/* A page of it is missing, else it is as a caller's memory should be before the call. */
static int place_local_memory(const struct way *way)
{
	map(local_memory, blocked_range.length + MARGIN_BYTES, MAP_PRIVATE, -1);
	if (way->write)
		memcpy(local_memory, written, blocked_range.length);
	else
		memset(local_memory, CANARY, blocked_range.length + MARGIN_BYTES);
	return make_page_wait(local_memory + MISSING_PAGE * PAGE_BYTES);
}

struct changing {
	enum change change;
	enum memory_kind kind;
};

static void *unmap_and_use_again(void)
{
	unsigned char *new;

	if (munmap(PRIVATE_MEMORY, MEMORY_BYTES) < 0)
		fail("munmap: %s", error_words(errno));
	new = map(NULL, MEMORY_BYTES, MAP_PRIVATE, -1);
	memset(new, 0x5e, MEMORY_BYTES);
	return new;
}

/* What the target's memory has to hold when the copy is over; @new is what UNMAPS made. */
static void expect_after_change(enum change change, unsigned char *new, long copied)
{
	switch (change) {
	case UNMAPS:
		if (byte_mismatch(new, MEMORY_BYTES, 0x5e) < MEMORY_BYTES)
			fail("a write reached memory that no call named");
		break;
	case DISCARDS:
		if (byte_mismatch(PRIVATE_MEMORY, MEMORY_BYTES, 0) < MEMORY_BYTES)
			fail("a write reached pages that came after those it had found");
		break;
	case PROTECTS:
		if (mprotect(PRIVATE_MEMORY, MEMORY_BYTES, PROT_READ) < 0)
			fail("mprotect: %s", error_words(errno));
		expect_written("the target's memory", PRIVATE_MEMORY, blocked_range, copied);
		break;
	case MOVES:
		expect_written("the target's memory", AWAY_MEMORY, blocked_range, copied);
		break;
	default:
		expect_written("the target's memory", PRIVATE_MEMORY, blocked_range, copied);
	}
}

static void change_once(void *argument)
{
	const struct changing *changing = argument;
	struct target child = { 0 };
	unsigned char *new = NULL;
	int failed = 0;

	if (changing->kind != INHERITED)
		renew_private_memory(changing->kind == HUGE);
	set_flag(READY, 1);
	await_flag(GO, 1);
	switch (changing->change) {
	case UNMAPS:
		new = unmap_and_use_again();
		break;
	case PROTECTS:
		failed = mprotect(PRIVATE_MEMORY, MEMORY_BYTES, PROT_NONE);
		break;
	case MOVES:
		failed = mremap(PRIVATE_MEMORY, MEMORY_BYTES, MEMORY_BYTES,
				MREMAP_MAYMOVE | MREMAP_FIXED, AWAY_MEMORY) == MAP_FAILED;
		break;
	case DISCARDS:
		failed = madvise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_DONTNEED);
		break;
	case PAGES_OUT:
		failed = madvise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_PAGEOUT);
		break;
	case FORKS:
		child = start_process(watch_own_memory, NULL);
		break;
	case EXECS:
		close(pipes.alive[1]);
		close(pipes.gone[0]);
		execute();
		break;
	default:
		return;
	}
	if (failed)
		fail("change %d: %s", changing->change, error_words(errno));
	set_flag(READY, 2);
	await_flag(OVER, 1);
	if (child.pid && reap(&child))
		fail("the forked process did not end well");
	expect_after_change(changing->change, new, stage->number);
}

/* Waits until the target has done it, for which it needs whatever the caller might hold. */
static void await_change(enum change change, struct target *target)
{
	set_flag(GO, 1);
	if (change == EXITS) {
		siginfo_t information;

		if (waitid(P_PID, target->pid, &information, WEXITED | WNOWAIT) < 0)
			fail("waitid: %s", error_words(errno));
	} else if (change == EXECS) {
		while (!has_executed())
			sched_yield();
	} else {
		await_flag(READY, 2);
	}
}

static void open_pipes(void)
{
	if (pipe(pipes.alive) < 0 || pipe2(pipes.gone, O_CLOEXEC) < 0)
		fail("pipe: %s", error_words(errno));
}

static void end_changed(struct target *target)
{
	int status;

	close(pipes.alive[1]);
	close(pipes.gone[0]);
	status = reap(target);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_CHANGED)
		fail("a write reached the program that the target executed meanwhile");
	if (status)
		fail("the target ended with status 0x%x", status);
}

static void run_change(const struct way *way, enum change change, enum memory_kind kind)
{
	struct changing changing = { change, kind };
	struct blocked_call call = { .way = way };
	int fd = place_local_memory(way);
	struct target target;
	pthread_t caller;

	open_pipes();
	target = start_process(change_once, &changing);
	close(pipes.alive[0]);
	close(pipes.gone[1]);
	await_flag(READY, 1);
	call.target = &target;
	call.memory = change == EXECS ? image : PRIVATE_MEMORY;
	caller = start_thread(make_blocked_call, &call);
	await_fault(fd);
	await_change(change, &target);
	answer_fault(fd, local_memory + MISSING_PAGE * PAGE_BYTES,
		     way->write ? written + MISSING_PAGE * PAGE_BYTES : buffer);
	pthread_join(caller, NULL);
	close(fd);
	if (record(way, call.copied, blocked_range.length) == FULL && !way->write)
		expect_read(way, local_memory, blocked_range, call.copied, AS_PLACED);
	stage->number = way->write ? call.copied : 0;
	set_flag(OVER, 1);
	end_changed(&target);
	expect_bystander_unchanged();
}

static void *report_fault(void *fd)
{
	await_fault((intptr_t)fd);
	set_flag(BLOCKED, 1);
	return NULL;
}

static void wait_in_own_page(void *argument)
{
	struct blocked_call *call = argument;
	int fd = place_local_memory(call->way);

	start_thread(report_fault, (void *)(intptr_t)fd);
	make_blocked_call(call);
	fail("the call returned %ld although a page is missing", call->copied);
}

static void live_with_missing_page(void *argument __attribute__((unused)))
{
	int fd = make_page_wait(PRIVATE_MEMORY + MISSING_PAGE * PAGE_BYTES);

	start_thread(report_fault, (void *)(intptr_t)fd);
	set_flag(READY, 1);
	for (;;)
		pause();
}

static void copy_missing_page(void *argument)
{
	struct blocked_call *call = argument;

	map(local_memory, blocked_range.length, MAP_PRIVATE, -1);
	memcpy(local_memory, written, blocked_range.length);
	make_blocked_call(call);
	stage->number = call->copied;
}

static void expect_killed(struct target *process)
{
	int status;

	kill(process->pid, SIGKILL);
	status = reap(process);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("a process that waits in a copy ended with status 0x%x", status);
}

/* The caller, killed while it waits for a page of its own, or of the target's. */
static void run_caller_killed(const struct way *way, bool in_target)
{
	struct blocked_call call = { .way = way, .memory = PRIVATE_MEMORY };
	struct target target, caller;
	uint64_t begin;

	target = start_process(in_target ? live_with_missing_page : live_until_killed, NULL);
	if (in_target)
		await_flag(READY, 1);
	call.target = &target;
	caller = start_process(in_target ? copy_missing_page : wait_in_own_page, &call);
	await_flag(BLOCKED, 1);
	begin = now();
	expect_killed(&caller);
	note_duration(now() - begin);
	end_process(&target);
}

/* The target, killed while the caller waits for a page of it: then nobody will answer. */
static void run_target_killed(const struct way *way)
{
	struct blocked_call call = { .way = way, .memory = PRIVATE_MEMORY };
	struct target target = start_process(live_with_missing_page, NULL), caller;

	await_flag(READY, 1);
	call.target = &target;
	caller = start_process(copy_missing_page, &call);
	await_flag(BLOCKED, 1);
	kill(target.pid, SIGKILL);
	if (reap(&caller))
		fail("the caller did not end well");
	record(way, stage->number, blocked_range.length);
	reap(&target);
}

static void run_blocked(void)
{
	strcpy(program.path, "/proc/self/exe");
	program.forbidden = true;
	place_fork_report();
	for (unsigned int round = 0; goes_on(); round++) {
		const struct way *way = &ways[round / ALL_CHANGES % WAYS];
		enum change change = round % ALL_CHANGES;

		clear_flags();
		if (change < CHANGES)
			run_change(way, change, round / ALL_CHANGES / WAYS % KINDS);
		else if (change == TARGET_KILLED)
			run_target_killed(way);
		else
			run_caller_killed(way, change == CALLER_KILLED_IN_TARGET);
		count_event(change);
	}
}

#endif
