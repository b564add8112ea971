// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: bus daemons and their clients that know nothing of AF_DBUS get sockets that
 * know D-Bus, by having their AF_UNIX ones converted in place just before connect() and after
 * listen(), where the address looks like a bus's. Where the kernel refuses, they go on as they were.
 *
 * A daemon all of whose listeners were converted has declared that there is no other way onto its
 * bus; the declaration is taken back when it listens anywhere else.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#include "dbus-preload/addresses.h"
#include "dbus-preload/convert.h"

#define LISTENERS_MAXIMUM 16
#define FIRST_PASSED_SOCKET 3

static int (*next_connect)(int fd, const struct sockaddr *address, socklen_t length);
static int (*next_listen)(int fd, int backlog);

/* The listeners that were converted. A number may be another file's since; then that refuses. */
static pthread_mutex_t listeners_lock = PTHREAD_MUTEX_INITIALIZER;
static int listeners[LISTENERS_MAXIMUM];
static int listener_count;
static bool other_ways_in;

static void declare_only_way_in(void)
{
	int value = !other_ways_in;

	for (int i = 0; i < listener_count; i++)
		setsockopt(listeners[i], SOL_DBUS, DBUS_ONLY_WAY_IN, &value, sizeof(value));
}

static void note_listener(int fd, bool converted)
{
	pthread_mutex_lock(&listeners_lock);
	if (converted && listener_count < LISTENERS_MAXIMUM)
		listeners[listener_count++] = fd;
	else
		other_ways_in = true;
	declare_only_way_in();
	pthread_mutex_unlock(&listeners_lock);
}

static void take_listener(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char name[sizeof(struct sockaddr_un) + 1];
	bool converted = false;

	if (!getsockname(fd, (struct sockaddr *)&address, &length) &&
	    address_name((struct sockaddr *)&address, length, name) && is_bus_name(name))
		converted = convert(fd, "listen", name);
	note_listener(fd, converted);
}

/* What a service manager hands over listens already. */
static void take_passed_sockets(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

	if (!pid || !count || atol(pid) != getpid())
		return;
	for (int i = 0; i < atoi(count); i++)
		take_listener(FIRST_PASSED_SOCKET + i);
}

static void __attribute__((constructor)) begin(void)
{
	int former_error = errno;

	next_connect = (typeof(next_connect))dlsym(RTLD_NEXT, "connect");
	next_listen = (typeof(next_listen))dlsym(RTLD_NEXT, "listen");
	take_passed_sockets();
	errno = former_error;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	char name[sizeof(struct sockaddr_un) + 1];
	int former_error = errno;

	if (address && address_name(address, length, name) && is_bus_name(name))
		convert(fd, "connect", name);
	errno = former_error;
	return next_connect(fd, address, length);
}

int listen(int fd, int backlog)
{
	int result = next_listen(fd, backlog);
	int former_error = errno;

	if (!result)
		take_listener(fd);
	errno = former_error;
	return result;
}
