/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sockets are a bus's, going by their addresses */
#ifndef FASTIPC_DBUS_ADDRESSES_H
#define FASTIPC_DBUS_ADDRESSES_H

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A system's bus, a user's bus, and what daemons choose themselves below a folder for them. */
#define USUAL_ADDRESSES "*dbus*:*/bus"

/* Whether a name matches one of the patterns, which are separated by colons. */
static inline bool matches_any(const char *name, const char *patterns)
{
	char *copy = strdup(patterns), *rest = copy, *pattern;
	bool found = false;

	while (copy && !found && (pattern = strsep(&rest, ":")))
		found = !fnmatch(pattern, name, 0);
	free(copy);
	return found;
}

/*
 * Writes the name in an AF_UNIX address to @name, with @ for the NUL before an abstract one. False
 * if there is none, or it isn't such an address.
 */
static inline bool address_name(const struct sockaddr *address, socklen_t length,
				char name[sizeof(struct sockaddr_un) + 1])
{
	size_t size = length - offsetof(struct sockaddr_un, sun_path);

	if (length <= offsetof(struct sockaddr_un, sun_path) ||
	    length > sizeof(struct sockaddr_un) || address->sa_family != AF_UNIX)
		return false;
	memcpy(name, ((const struct sockaddr_un *)address)->sun_path, size);
	name[size] = '\0';
	if (!name[0])
		name[0] = '@';
	return true;
}

static inline bool is_bus_name(const char *name)
{
	return matches_any(name, getenv("FASTIPC_DBUS_ADDRESSES") ?: USUAL_ADDRESSES);
}

#endif
