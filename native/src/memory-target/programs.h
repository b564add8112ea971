/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests about execve(2): to execute a program, and what makes somebody else's
 * execve() wait halfway.
 */
#ifndef FASTIPC_PROGRAMS_H
#define FASTIPC_PROGRAMS_H

#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "request.h"

/*
 * The program is to be this one, or a copy of it: it answers this request, and those
 * that follow, where this one would have. It reads the last argument only on its way.
 */
static void do_execute(struct request *request)
{
	struct channel *channel = request->channel;
	char *path = request->word[0];
	char in[16], out[16];
	char *arguments[] = { path, in, out, pointer(request->number[1]), NULL };

	snprintf(in, sizeof(in), "%d", channel->in);
	snprintf(out, sizeof(out), "%d", channel->out);
	if (fcntl(channel->in, F_SETFD, 0) || fcntl(channel->out, F_SETFD, 0))
		return channel_fail(channel, "F_SETFD");
	execve(path, arguments, environ);
	channel_fail(channel, path);
}

/* True once /proc says of this thread of the process that it has ended. */
static inline bool thread_is_zombie(pid_t thread)
{
	char path[64], text[256] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	file = fopen(path, "r");
	if (!file)
		return false;
	state = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	fclose(file);
	return state && state[2] == 'Z';
}

struct traced_thread {
	pid_t id;
	int error;
};

static inline void *traced_thread(void *argument)
{
	struct traced_thread *self = argument;

	self->id = (pid_t)syscall(SYS_gettid);
	self->error = ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0;
	return NULL;
}

/* While nobody reaps the thread, execve() waits in the process for it to be gone. */
static void do_traced_zombie(struct request *request)
{
	struct traced_thread traced;
	pthread_t thread;

	errno = pthread_create(&thread, NULL, traced_thread, &traced);
	if (!errno)
		errno = pthread_join(thread, NULL);
	if (errno)
		return channel_fail(request->channel, "a thread");
	errno = traced.error;
	if (errno)
		return channel_fail(request->channel, "PTRACE_TRACEME");
	while (!thread_is_zombie(traced.id))
		sched_yield();
	channel_answer(request->channel, "ok %d", traced.id);
}

/*
 * While it waits for the memory that the count goes to, it holds a lock that execve()
 * takes in the process between its new memory and its new credentials.
 */
static void do_read_counter(struct request *request)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes),
		.config = PERF_COUNT_SW_DUMMY,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, request->number[0], -1, -1,
			      PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return channel_fail(request->channel, "perf_event_open");
	answer_status(request, read(fd, pointer(request->number[1]), sizeof(__u64)),
		      "reading a counter");
	close(fd);
}

#endif
