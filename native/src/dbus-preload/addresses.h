/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sockets are a bus's, going by their addresses */
#ifndef FASTIPC_DBUS_ADDRESSES_H
#define FASTIPC_DBUS_ADDRESSES_H

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "settings.h"

/* A sun_path that ends without a NUL gets one. */
#define BUS_NAME_SIZE (sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1)
#define PATTERN_SIZE 256

/* Whether a text matches one of the patterns, which are separated by colons. */
static inline bool matches_any(const char *text, const char *patterns)
{
	char pattern[PATTERN_SIZE];
	size_t length;

	for (; *patterns; patterns += length + (patterns[length] == ':')) {
		length = strcspn(patterns, ":");
		/* One that is too long matches nothing. */
		if (length >= sizeof(pattern))
			continue;
		memcpy(pattern, patterns, length);
		pattern[length] = '\0';
		if (!fnmatch(pattern, text, 0))
			return true;
	}
	return false;
}

/*
 * Writes the name in an AF_UNIX address to @name, with @ for the NUL before an abstract one. False
 * if there is none, or it isn't such an address.
 */
static inline bool address_name(const struct sockaddr *address, socklen_t length,
				char name[BUS_NAME_SIZE])
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
	return matches_any(name, settings.addresses);
}

#endif
