/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The listeners of a bus daemon, and whether there are others: if all were converted, each is told
 * that it is a part of the only way onto the bus; it is taken back from all as soon as there is one
 * that wasn't. Only of a program that is known to run a bus (settings.h) is anything declared.
 *
 * A daemon's children have its listeners and what is noted of them. Who executes another program
 * leaves it listeners that it may add to; then nothing may have been declared, so that programs
 * which aren't daemons never do.
 */
#ifndef FASTIPC_DBUS_LISTENERS_H
#define FASTIPC_DBUS_LISTENERS_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "addresses.h"
#include "convert.h"
#include "settings.h"

#define LISTENERS_MAXIMUM 16

static pthread_mutex_t listeners_lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock. A number may be another file's since; then that refuses what is declared of it. */
static int listeners[LISTENERS_MAXIMUM];
static int listener_count;
static bool other_ways_in;

static bool is_daemon;

static inline void lock_listeners(void)
{
	pthread_mutex_lock(&listeners_lock);
}

static inline void unlock_listeners(void)
{
	pthread_mutex_unlock(&listeners_lock);
}

static inline void prepare_listeners(void)
{
	is_daemon = matches_any(program_invocation_short_name, settings.daemons);
	/* A child that another thread forks gets the lock free. */
	if (is_daemon)
		pthread_atfork(lock_listeners, unlock_listeners, unlock_listeners);
}

static inline void declare_only_way_in(void)
{
	int value = !other_ways_in;

	for (int i = 0; i < listener_count; i++)
		setsockopt(listeners[i], SOL_DBUS, DBUS_ONLY_WAY_IN, &value, sizeof(value));
}

static inline bool is_noted(int fd)
{
	for (int i = 0; i < listener_count; i++)
		if (listeners[i] == fd)
			return true;
	return false;
}

static inline void note_listener(int fd, bool converted)
{
	if (!is_daemon)
		return;
	lock_listeners();
	if (!converted || (!is_noted(fd) && listener_count == LISTENERS_MAXIMUM))
		other_ways_in = true;
	else if (!is_noted(fd))
		listeners[listener_count++] = fd;
	declare_only_way_in();
	unlock_listeners();
}

#endif
