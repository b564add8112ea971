/* SPDX-License-Identifier: GPL-2.0-only */
/* Converting sockets, and saying so in the file that FASTIPC_DBUS_REPORT names */
#ifndef FASTIPC_DBUS_CONVERT_H
#define FASTIPC_DBUS_CONVERT_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "settings.h"

/* As in the kernel's linux/socket.h and linux/dbus.h, which this machine's headers don't have */
#define AF_DBUS			46
#define SOL_DBUS		288
#define DBUS_UPGRADE		1
#define DBUS_ONLY_WAY_IN	2
#define DBUS_CONNECTION		3

/*
 * Appends a line: what was done, with what result, by whom, to which name. It is one write() of a
 * whole line, so that lines of several processes don't mix. One that can't be written is missed by
 * who reads it.
 */
static inline void report(const char *event, int error, const char *name)
{
	char line[512];
	int length, file;

	if (!*settings.report)
		return;
	length = snprintf(line, sizeof(line), "%s %s %.64s %s\n", event,
			  error ? strerrorname_np(error) ?: "?" : "done",
			  program_invocation_short_name, name);
	file = open(settings.report, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0)
		return;
	while (write(file, line, length) < 0 && errno == EINTR)
		;
	close(file);
}

static inline int try_convert(int fd)
{
	int one = 1;

	return setsockopt(fd, SOL_DBUS, DBUS_UPGRADE, &one, sizeof(one)) ? errno : 0;
}

/* A socket of the family has the kernel load its module, which the conversion doesn't. */
static inline bool load_module(void)
{
	int fd = socket(AF_DBUS, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Whether the socket knows D-Bus now. If the kernel refuses, it goes on as AF_UNIX. */
static inline bool convert(int fd, const char *event, const char *name)
{
	int error = try_convert(fd);

	if (error == EOPNOTSUPP && load_module())
		error = try_convert(fd);
	report(event, error, name);
	return !error || error == EALREADY;
}

#endif
