// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares process_vm_readv() and process_vm_writev() of the C library, which a preloaded
 * library may have replaced, with the system calls themselves: random arguments, the result,
 * errno, and every byte of the memory on both sides, also of that which isn't to change.
 *
 *	process-vm-compare [--seed N] [--rounds N] [--thread] [--library NAME]
 *
 * With --thread it calls from another thread, whose stack isn't the main one. With --library
 * the calls have to be that library's. Prints how often there was which result, as a JSON
 * object. Started by root it becomes nobody, so that there is somebody who may not be copied.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "process-vm-compare/scenario.h"

#define NOBODY 65534

/* What errno is before a call that may leave it alone. */
#define ERRNO_BEFORE 1234

struct outcome {
	long returned;
	int error;
};

/* How often there was what. */
static struct {
	unsigned long whole, partial, nothing, efault, einval, esrch, eperm;
} seen;

static struct {
	unsigned long seed, rounds;
	bool thread;
	const char *library;
} options = { .seed = 1, .rounds = 1000 };

static struct arena local, remote;
static struct targets targets;
static struct places places[2];

static struct outcome call_kernel(const struct scenario *call)
{
	struct outcome outcome;

	errno = ERRNO_BEFORE;
	outcome.returned = syscall(call->write ? SYS_process_vm_writev : SYS_process_vm_readv,
				   call->pid, call->local.segments, call->local.count,
				   call->remote.segments, call->remote.count, call->flags);
	outcome.error = errno;
	return outcome;
}

static struct outcome call_library(const struct scenario *call)
{
	ssize_t (*function)(pid_t, const struct iovec *, unsigned long, const struct iovec *,
			    unsigned long, unsigned long) =
		call->write ? process_vm_writev : process_vm_readv;
	struct outcome outcome;

	errno = ERRNO_BEFORE;
	outcome.returned = function(call->pid, call->local.segments, call->local.count,
				    call->remote.segments, call->remote.count, call->flags);
	outcome.error = errno;
	return outcome;
}

static size_t wanted_bytes(const struct vector *vector)
{
	size_t total = 0;

	for (unsigned long i = 0; i < vector->count; i++)
		total += vector->segments[i].iov_len;
	return total;
}

static void count_outcome(const struct scenario *call, struct outcome outcome)
{
	if (outcome.returned > 0) {
		size_t here = wanted_bytes(&call->local), there = wanted_bytes(&call->remote);

		if ((size_t)outcome.returned == (here < there ? here : there))
			seen.whole++;
		else
			seen.partial++;
	} else if (outcome.returned == 0) {
		seen.nothing++;
	} else if (outcome.error == EFAULT) {
		seen.efault++;
	} else if (outcome.error == EINVAL) {
		seen.einval++;
	} else if (outcome.error == ESRCH) {
		seen.esrch++;
	} else if (outcome.error == EPERM) {
		seen.eperm++;
	} else {
		fail("unexpected: %s", strerror(outcome.error));
	}
}

static void describe_vector(const char *name, const struct vector *vector)
{
	struct iovec segment;
	struct iovec here = { &segment, sizeof(segment) };

	fprintf(stderr, "  %s: %lu segments at %p\n", name, vector->count,
		(void *)vector->segments);
	for (unsigned long i = 0; i < vector->count && i < 40; i++) {
		struct iovec there = { &vector->segments[i], sizeof(segment) };

		if (syscall(SYS_process_vm_readv, getpid(), &here, 1L, &there, 1L, 0L) !=
		    sizeof(segment))
			break;
		fprintf(stderr, "    %p + %zu\n", segment.iov_base, segment.iov_len);
	}
}

static _Noreturn void fail_round(const struct scenario *call, unsigned long round,
				 const char *what)
{
	fprintf(stderr, "  %s, pid %d, flags 0x%lx\n",
		call->write ? "process_vm_writev" : "process_vm_readv", call->pid, call->flags);
	describe_vector("local", &call->local);
	describe_vector("remote", &call->remote);
	fprintf(stderr, "  local holes: %p; remote: %p\n", (void *)local.holed,
		(void *)remote.holed);
	fail("--seed %lu, round %lu: %s", options.seed, round, what);
}

static void compare_outcomes(const struct scenario *call, unsigned long round,
			     struct outcome kernel, struct outcome library)
{
	char words[200];

	if (kernel.returned == library.returned && kernel.error == library.error)
		return;
	snprintf(words, sizeof(words),
		 "the library's call returns %ld (errno %d), the system call %ld (errno %d)",
		 library.returned, library.error, kernel.returned, kernel.error);
	fail_round(call, round, words);
}

static void compare_memory(const struct scenario *call, unsigned long round, const char *side,
			   const struct arena *arena)
{
	size_t offset = arena_mismatch(arena);
	char words[200];

	if (offset == ARENA_BYTES)
		return;
	snprintf(words, sizeof(words),
		 "%s byte %zu is 0x%02x after the library's call, 0x%02x after the system call",
		 side, offset, arena->whole[offset], arena->saved[offset]);
	fail_round(call, round, words);
}

static void run_round(struct random *random, unsigned long round)
{
	struct scenario call = random_scenario(random, &local, &remote, &targets, places);
	struct outcome kernel, library;

	arena_fill(&local, round);
	arena_fill(&remote, ~round);
	kernel = call_kernel(&call);
	arena_save(&local);
	arena_save(&remote);
	arena_fill(&local, round);
	arena_fill(&remote, ~round);
	library = call_library(&call);
	compare_outcomes(&call, round, kernel, library);
	compare_memory(&call, round, "local", &local);
	compare_memory(&call, round, "remote", &remote);
	count_outcome(&call, kernel);
}

static void *run_rounds(void *unused)
{
	struct random random = { .state = options.seed };
	struct iovec stack[2][VECTOR_MAXIMUM];

	for (int i = 0; i < 2; i++)
		places[i].stack = stack[i];
	for (unsigned long round = 0; round < options.rounds; round++)
		run_round(&random, round);
	return unused;
}

/* A child that only has its memory, until this process ends. */
static pid_t start_target(struct random *random)
{
	int ready[2], end;
	pid_t pid;
	char byte;

	if (pipe(ready))
		fail("pipe: %m");
	pid = fork();
	if (pid < 0)
		fail("fork: %m");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		arena_make_holes(&remote, random);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	end = (int)read(ready[0], &byte, 1);
	close(ready[0]);
	if (end)
		fail("the target isn't ready: %m");
	return pid;
}

static pid_t make_zombie(void)
{
	siginfo_t information;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitid(P_PID, pid, &information, WEXITED | WNOWAIT))
		fail("a zombie: %m");
	return pid;
}

static void become_nobody(void)
{
	if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) ||
			       setresuid(NOBODY, NOBODY, NOBODY)))
		fail("setresuid: %m");
	/* A change of user takes this away, and with it the permission to copy. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void make_places(void)
{
	for (int i = 0; i < 2; i++) {
		unsigned char *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (pages == MAP_FAILED || mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_NONE))
			fail("mmap: %m");
		places[i].before_hole = pages + PAGE_BYTES;
		places[i].heap = calloc(VECTOR_MAXIMUM, sizeof(struct iovec));
		if (!places[i].heap)
			fail("calloc: %m");
	}
}

static void expect_library(void)
{
	Dl_info information;

	if (!options.library)
		return;
	if (!dladdr(dlsym(RTLD_DEFAULT, "process_vm_readv"), &information) ||
	    !strstr(information.dli_fname, options.library))
		fail("process_vm_readv() is not %s's; LD_PRELOAD is '%s'", options.library,
		     getenv("LD_PRELOAD") ?: "");
}

static unsigned long parse_number(const char *text, const char *what)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-')
		fail("%s has to be a number, got '%s'", what, text);
	return number;
}

static void parse_arguments(int count, char **arguments)
{
	static const struct option known[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "thread", no_argument, NULL, 't' },
		{ "library", required_argument, NULL, 'l' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
		if (option == 's')
			options.seed = parse_number(optarg, "--seed");
		else if (option == 'r')
			options.rounds = parse_number(optarg, "--rounds");
		else if (option == 't')
			options.thread = true;
		else if (option == 'l')
			options.library = optarg;
		else
			fail("takes --seed N, --rounds N, --thread and --library NAME");
	}
}

static void run(void)
{
	pthread_t thread;

	if (!options.thread)
		run_rounds(NULL);
	else if (pthread_create(&thread, NULL, run_rounds, NULL) || pthread_join(thread, NULL))
		fail("a thread can't be made");
}

int main(int count, char **arguments)
{
	struct random random;

	parse_arguments(count, arguments);
	random.state = ~options.seed;
	expect_library();
	become_nobody();
	local = arena_create();
	remote = arena_create();
	make_places();
	targets.good = start_target(&random);
	targets.zombie = make_zombie();
	targets.self = getpid();
	targets.stranger = 1;
	arena_make_holes(&local, &random);
	run();
	kill(targets.good, SIGKILL);
	printf("{\"whole\":%lu,\"partial\":%lu,\"nothing\":%lu,\"EFAULT\":%lu,\"EINVAL\":%lu,"
	       "\"ESRCH\":%lu,\"EPERM\":%lu}\n", seen.whole, seen.partial, seen.nothing,
	       seen.efault, seen.einval, seen.esrch, seen.eperm);
	return 0;
}
