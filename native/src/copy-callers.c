// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether two callers get in each other's way: the bytes per second that both copy together,
 * with a target each, and with one target between them. For each call, arrangement and round
 * one JSON object a line:
 *
 *	{"subject":"copy_from_process","arrangement":"same-range","bytes":1048576,"round":0,
 *	 "bytesPerSecond":2212345678}
 *
 * (in one line). The arrangements take turns within a round, so that whatever else the
 * machine does meanwhile is in all of them. Each caller has a processor of its own.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define FAIL_PROGRAM "copy-callers"
#include "copy-bench/fail.h"
#include "parse-number.h"

#define CALLERS 2
#define ROUNDS_MOST 1000
#define MILLISECONDS_MOST 60000
#define BYTES_MOST (256UL << 20)

static const struct arrangement {
	const char *name;
	bool two_targets;
	bool two_ranges;
} arrangements[] = {
	{ "two-targets", true, false },
	{ "same-range", false, false },
	{ "disjoint-ranges", false, true },
};

#define ARRANGEMENTS (sizeof(arrangements) / sizeof(arrangements[0]))

static struct call {
	const char *name;
	long number; /* 0 until it is given */
} calls[] = { { "copy_from_process", 0 }, { "copy_to_process", 0 } };

#define CALLS (sizeof(calls) / sizeof(calls[0]))

struct plan {
	size_t bytes; /* of one call */
	long rounds;
	long milliseconds; /* of one measurement */
};

/* Shared by this process and its callers. */
struct meeting {
	atomic_int arrived;
	double bytes_per_second[CALLERS];
};

/* The targets' memory, at one address in each of them: a range for each caller. */
static unsigned char *memory;
static pid_t targets[CALLERS];
static struct meeting *meeting;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void *map_touched(size_t length, int sharing)
{
	void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	if (address == MAP_FAILED)
		fail("mmap of %zu bytes: %s", length, error_words(errno));
	memset(address, 1, length);
	return address;
}

static void end_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

static pid_t start_target(size_t length)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		fail("fork: %s", error_words(errno));
	if (pid)
		return pid;
	end_with_parent(parent);
	/* Pages of its own, where the parent's were shared until now. */
	memset(memory, 2, length);
	raise(SIGSTOP);
	_exit(0);
}

static void start_targets(size_t length)
{
	int status;

	for (int i = 0; i < CALLERS; i++) {
		targets[i] = start_target(length);
		if (waitpid(targets[i], &status, WUNTRACED) != targets[i] || !WIFSTOPPED(status))
			fail("a target ended before it was needed");
	}
}

static void bind_to_processor(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		fail("no processor %d: %s", processor, error_words(errno));
}

static void wait_for_all(void)
{
	atomic_fetch_add(&meeting->arrived, 1);
	while (atomic_load(&meeting->arrived) < CALLERS)
		;
}

/* Copies until the time is over; the clock is read after each call, which costs it little. */
static double copy_for(const struct plan *plan, long number, pid_t pid, unsigned char *remote,
		       unsigned char *buffer)
{
	double start = seconds(), end = start + plan->milliseconds / 1e3, now;
	double copied = 0;

	do {
		long count = syscall(number, pid, remote, plan->bytes, buffer, 0L);

		if (count != (long)plan->bytes)
			fail("%ld of %zu bytes copied: %s", count, plan->bytes,
			     count < 0 ? error_words(errno) : "too few");
		copied += count;
		now = seconds();
	} while (now < end);
	return copied / (now - start);
}

static pid_t start_caller(const struct plan *plan, const struct arrangement *arrangement,
			  long number, int index)
{
	pid_t parent = getpid(), pid = fork();
	unsigned char *remote = memory + (arrangement->two_ranges ? index * plan->bytes : 0);
	unsigned char *buffer;

	if (pid < 0)
		fail("fork: %s", error_words(errno));
	if (pid)
		return pid;
	end_with_parent(parent);
	bind_to_processor(index);
	buffer = map_touched(plan->bytes, MAP_PRIVATE);
	wait_for_all();
	meeting->bytes_per_second[index] =
		copy_for(plan, number, targets[arrangement->two_targets ? index : 0], remote, buffer);
	_exit(0);
}

static void measure(const struct plan *plan, const struct call *call,
		    const struct arrangement *arrangement, long round)
{
	pid_t callers[CALLERS];
	double total = 0;
	int status;

	atomic_store(&meeting->arrived, 0);
	for (int i = 0; i < CALLERS; i++)
		callers[i] = start_caller(plan, arrangement, call->number, i);
	for (int i = 0; i < CALLERS; i++) {
		/* Whichever ends first: one that failed leaves the other waiting for it. */
		if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
			for (int each = 0; each < CALLERS; each++)
				kill(callers[each], SIGKILL);
			fail("a caller of %s failed", call->name);
		}
	}
	for (int i = 0; i < CALLERS; i++)
		total += meeting->bytes_per_second[i];
	printf("{\"subject\":\"%s\",\"arrangement\":\"%s\",\"bytes\":%zu,\"round\":%ld,"
	       "\"bytesPerSecond\":%.0f}\n",
	       call->name, arrangement->name, plan->bytes, round, total);
	if (fflush(stdout) == EOF)
		fail("standard output: %s", error_words(errno));
}

static void set_number(const char *text)
{
	for (size_t i = 0; i < CALLS; i++) {
		size_t length = strlen(calls[i].name);

		if (!strncmp(text, calls[i].name, length) && text[length] == '=') {
			calls[i].number = parse_number(text + length + 1, calls[i].name, 100000);
			return;
		}
	}
	fail("--number has to be copy_from_process=N or copy_to_process=N, got '%s'", text);
}

static struct plan parse_arguments(int count, char **arguments)
{
	static const struct option options[] = {
		{ "number", required_argument, NULL, 'n' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "milliseconds", required_argument, NULL, 'm' },
		{ 0 },
	};
	struct plan plan = { .bytes = 1 << 20, .rounds = 9, .milliseconds = 200 };
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == 'n')
			set_number(optarg);
		else if (option == 'b')
			plan.bytes = parse_number(optarg, "--bytes", BYTES_MOST);
		else if (option == 'r')
			plan.rounds = parse_number(optarg, "--rounds", ROUNDS_MOST);
		else if (option == 'm')
			plan.milliseconds = parse_number(optarg, "--milliseconds", MILLISECONDS_MOST);
		else
			fail("usage: copy-callers --number CALL=N --number CALL=N [--bytes N] "
			     "[--rounds N] [--milliseconds N]");
	}
	for (size_t i = 0; i < CALLS; i++) {
		if (!calls[i].number)
			fail("%s needs --number %s=N", calls[i].name, calls[i].name);
	}
	return plan;
}

int main(int count, char **arguments)
{
	struct plan plan = parse_arguments(count, arguments);

	meeting = map_touched(sizeof(*meeting), MAP_SHARED);
	memory = map_touched(CALLERS * plan.bytes, MAP_PRIVATE);
	start_targets(CALLERS * plan.bytes);
	for (long round = 0; round < plan.rounds; round++) {
		for (size_t call = 0; call < CALLS; call++) {
			for (size_t i = 0; i < ARRANGEMENTS; i++)
				measure(&plan, &calls[call], &arrangements[i], round);
		}
	}
	for (int i = 0; i < CALLERS; i++)
		kill(targets[i], SIGKILL);
	return 0;
}
