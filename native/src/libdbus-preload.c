// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: bus daemons and their clients that know nothing of AF_DBUS get sockets that
 * know D-Bus, by having their AF_UNIX ones converted in place just before connect() and after
 * listen(), where the address looks like a bus's. So are listeners that a service manager hands
 * over. Where the kernel refuses, they go on as they were.
 *
 * For a bus daemon all of whose listeners were converted, it declares that there is no other way
 * onto its bus (listeners.h). Who makes the system calls himself isn't seen.
 *
 * Both calls may be made in any thread, and between fork() and exec(): nothing here allocates, and
 * errno is left as the replaced call leaves it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "dbus-preload/addresses.h"
#include "dbus-preload/convert.h"
#include "dbus-preload/listeners.h"
#include "dbus-preload/settings.h"

#define FIRST_PASSED_SOCKET 3

static int (*next_connect)(int fd, const struct sockaddr *address, socklen_t length);
static int (*next_listen)(int fd, int backlog);

/* The next library's function; another library's constructor may call it before ours has run. */
#define NEXT(name) ({								\
	typeof(next_##name) found = __atomic_load_n(&next_##name, __ATOMIC_RELAXED); \
										\
	if (!found) {								\
		found = (typeof(found))dlsym(RTLD_NEXT, #name);			\
		__atomic_store_n(&next_##name, found, __ATOMIC_RELAXED);	\
	}									\
	found;									\
})

static void take_listener(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char name[BUS_NAME_SIZE];
	bool converted = false;

	if (!getsockname(fd, (struct sockaddr *)&address, &length) &&
	    address_name((struct sockaddr *)&address, length, name) && is_bus_name(name))
		converted = convert(fd, "listen", name);
	note_listener(fd, converted);
}

/* What a service manager hands over listens already. */
static void take_passed_sockets(void)
{
	const char *pid = secure_getenv("LISTEN_PID"), *count = secure_getenv("LISTEN_FDS");
	long passed;

	if (!pid || !count || atol(pid) != getpid())
		return;
	passed = atol(count);
	/* Numbers that aren't open mean that the count is wrong. */
	for (int fd = FIRST_PASSED_SOCKET; passed-- > 0 && fcntl(fd, F_GETFD) >= 0; fd++)
		take_listener(fd);
}

static void __attribute__((constructor)) begin(void)
{
	int former_error = errno;

	read_settings();
	prepare_listeners();
	NEXT(connect);
	NEXT(listen);
	take_passed_sockets();
	errno = former_error;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	char name[BUS_NAME_SIZE];
	int former_error = errno;

	if (address && address_name(address, length, name) && is_bus_name(name))
		convert(fd, "connect", name);
	errno = former_error;
	return NEXT(connect)(fd, address, length);
}

int listen(int fd, int backlog)
{
	int result = NEXT(listen)(fd, backlog);
	int former_error = errno;

	if (!result)
		take_listener(fd);
	errno = former_error;
	return result;
}
