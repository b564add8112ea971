/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Followers: threads and children of this process that answer the same requests.
 * Each has a socket pair; "tell ID REQUEST" passes a request on and its answer back,
 * so that a whole family is driven over one standard input and output.
 */
#ifndef FASTIPC_FOLLOWERS_H
#define FASTIPC_FOLLOWERS_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "channel.h"

#define FOLLOWERS_MAXIMUM 32
#define FOLLOWER_STACK (1UL << 20)

struct follower {
	pid_t id;
	int socket;
	bool thread;
};

/* A process's own followers. Only the one that serves a request adds to them. */
static struct follower followers[FOLLOWERS_MAXIMUM];
static int follower_count;

/* What a new follower needs to begin with. */
struct follower_start {
	int socket;
	int parent_socket;
	bool shares_memory;
};

/* Answers requests until the other end is closed; in memory-target.c. */
static void serve(int in, int out);

/* Its id is the first line of some, as only they themselves can ask for it; or -errno. */
static void follower_hello(int socket, long id)
{
	char hello[32];

	channel_write(socket, hello, snprintf(hello, sizeof(hello), "%ld\n", id));
}

/* -1 and errno if there is none. */
static pid_t follower_await_hello(int socket)
{
	char hello[32];
	ssize_t length = read(socket, hello, sizeof(hello) - 1);
	int id;

	if (length <= 0)
		return -1;
	hello[length] = '\0';
	id = atoi(hello);
	if (id > 0)
		return id;
	errno = -id;
	return -1;
}

static void *follower_thread(void *socket)
{
	int fd = (int)(intptr_t)socket;

	follower_hello(fd, syscall(SYS_gettid));
	serve(fd, fd);
	return NULL;
}

/* Ends and reaps every child; threads go with the process. */
static void followers_end(void)
{
	for (int i = 0; i < follower_count; i++) {
		if (followers[i].thread)
			continue;
		kill(followers[i].id, SIGKILL);
		waitpid(followers[i].id, NULL, 0);
	}
	follower_count = 0;
}

static int follower_child(void *argument)
{
	struct follower_start start = *(struct follower_start *)argument;

	/*
	 * Keep no brother's socket open: that the other end is gone is how a follower
	 * learns that it is to go too. Who shares its parent's memory leaves the table alone.
	 */
	close(start.parent_socket);
	for (int i = 0; i < follower_count; i++)
		close(followers[i].socket);
	if (!start.shares_memory)
		follower_count = 0;
	serve(start.socket, start.socket);
	if (!start.shares_memory)
		followers_end();
	_exit(0);
}

static struct follower *follower_add(pid_t id, int socket, bool thread)
{
	followers[follower_count] = (struct follower){ .id = id, .socket = socket, .thread = thread };
	return &followers[follower_count++];
}

static struct follower *follower_find(pid_t id)
{
	for (int i = 0; i < follower_count; i++)
		if (followers[i].id == id)
			return &followers[i];
	errno = ESRCH;
	return NULL;
}

static bool follower_sockets(int pair[2])
{
	if (follower_count == FOLLOWERS_MAXIMUM) {
		errno = EAGAIN;
		return false;
	}
	return !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

/* A thread of this process; -1 and errno if there can't be one. */
static pid_t follower_start_thread(void)
{
	pthread_t thread;
	int pair[2];
	pid_t id;

	if (!follower_sockets(pair))
		return -1;
	errno = pthread_create(&thread, NULL, follower_thread, (void *)(intptr_t)pair[1]);
	if (errno)
		return -1;
	pthread_detach(thread);
	id = follower_await_hello(pair[0]);
	return id < 0 ? -1 : follower_add(id, pair[0], true)->id;
}

/* A child made with these clone(2) flags beside SIGCHLD; -1 and errno if there can't be one. */
static pid_t follower_start_child(unsigned long flags)
{
	char *stack = mmap(NULL, FOLLOWER_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	static struct follower_start start;
	int pair[2];
	pid_t pid;

	if (stack == MAP_FAILED || !follower_sockets(pair))
		return -1;
	start = (struct follower_start){ .socket = pair[1], .parent_socket = pair[0],
					 .shares_memory = flags & CLONE_VM };
	pid = clone(follower_child, stack + FOLLOWER_STACK, (int)flags | SIGCHLD, &start);
	if (pid < 0) {
		int error = errno;

		close(pair[0]);
		close(pair[1]);
		errno = error;
		return -1;
	}
	close(pair[1]);
	return follower_add(pid, pair[0], false)->id;
}

static int follower_vforked(void *argument)
{
	/* Once it has said hello, the next follower may begin with other things. */
	struct follower_start start = *(struct follower_start *)argument;

	follower_hello(start.socket, getpid());
	return follower_child(&start);
}

/* Its clone() returns when the child has ended or has executed a program. */
static void *follower_wait_in_vfork(void *argument)
{
	struct follower_start *start = argument;
	char *stack = mmap(NULL, FOLLOWER_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int socket = start->socket;

	if (stack == MAP_FAILED || clone(follower_vforked, stack + FOLLOWER_STACK,
					 CLONE_VM | CLONE_VFORK | SIGCHLD, argument) < 0)
		follower_hello(socket, -errno);
	close(socket);
	return NULL;
}

/*
 * A child made as vfork() does it. A thread waits for it, so that this one can go on; -1
 * and errno if there can't be one.
 */
static pid_t follower_start_vfork(void)
{
	static struct follower_start start;
	pthread_t thread;
	int pair[2];
	pid_t id;

	if (!follower_sockets(pair))
		return -1;
	start = (struct follower_start){ .socket = pair[1], .parent_socket = pair[0],
					 .shares_memory = true };
	errno = pthread_create(&thread, NULL, follower_wait_in_vfork, &start);
	if (errno)
		return -1;
	pthread_detach(thread);
	id = follower_await_hello(pair[0]);
	return id < 0 ? -1 : follower_add(id, pair[0], false)->id;
}

#endif
