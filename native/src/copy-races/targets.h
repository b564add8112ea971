/* SPDX-License-Identifier: GPL-2.0-only */
/* The other processes: started with what they do, and gone when that is over. */
#ifndef FASTIPC_RACES_TARGETS_H
#define FASTIPC_RACES_TARGETS_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "copies.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* A hang of so many seconds is a deadlock; a debug kernel on a busy machine takes its time. */
#define HANG_SECONDS 100

static unsigned long run_seconds;
static uint64_t run_begin;

static int open_pidfd(pid_t pid, unsigned int flags)
{
	int pidfd = syscall(SYS_pidfd_open, pid, flags);

	if (pidfd < 0)
		fail("pidfd_open(%d): %s", pid, error_words(errno));
	return pidfd;
}

/* A child that runs @body and ends; with the judge at the latest. */
static struct target start_process(void (*body)(void *), void *argument)
{
	struct target target;
	pid_t parent = getpid();

	target.pid = fork();
	if (target.pid < 0)
		fail("fork: %s", error_words(errno));
	if (target.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		alarm(0);
		body(argument);
		_exit(0);
	}
	target.pidfd = open_pidfd(target.pid, 0);
	return target;
}

/* Waits for its end. Returns the status as waitpid() has it. */
static int reap(struct target *target)
{
	int status;

	if (waitpid(target->pid, &status, 0) != target->pid)
		fail("waitpid: %s", error_words(errno));
	close(target->pidfd);
	return status;
}

static void end_process(struct target *target)
{
	kill(target->pid, SIGKILL);
	reap(target);
}

static pthread_t start_thread(void *(*body)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	error = pthread_create(&thread, &attributes, body, argument);
	if (error)
		fail("pthread_create: %s", error_words(error));
	pthread_attr_destroy(&attributes);
	return thread;
}

static void live_until_killed(void *argument __attribute__((unused)))
{
	for (;;)
		pause();
}

static uint64_t outcomes_of(bool write, enum outcome outcome)
{
	uint64_t sum = 0;

	for (int i = 0; i < WAYS; i++) {
		if (ways[i].write == write)
			sum += atomic_load(&stage->tally[i][outcome]);
	}
	return sum;
}

/* What has to occur before the run has shown anything and hasn't; NULL if there is nothing. */
static const char *missing(void)
{
	static char words[80];

	for (int write = 0; write < 2; write++) {
		unsigned int must = write ? race->must_write : race->must_read;

		for (int i = 0; i < OUTCOMES; i++) {
			if (!(must & BIT(i)) || outcomes_of(write, i))
				continue;
			snprintf(words, sizeof(words), "%s of a %s", outcome_names[i],
				 write ? "copy to the target" : "copy from the target");
			return words;
		}
	}
	for (int i = 0; i < EVENTS_MAXIMUM && race->events[i]; i++) {
		if (!atomic_load(&stage->events[i]))
			return race->events[i];
	}
	return NULL;
}

/*
 * Whether the run goes on: as long as it was told, and then until everything has occurred
 * that must, but not for ever.
 */
static bool goes_on(void)
{
	uint64_t seconds = (now() - run_begin) / 1000000000;

	alarm(HANG_SECONDS);
	if (seconds < run_seconds)
		return true;
	return missing() && seconds < run_seconds + HANG_SECONDS / 2;
}

#endif
