/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The environment's variables, read once, before main(): later a program may change its
 * environment while another thread reads it.
 */
#ifndef FASTIPC_DBUS_SETTINGS_H
#define FASTIPC_DBUS_SETTINGS_H

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A system's bus, a user's bus, and what daemons choose themselves below a folder for them. */
#define USUAL_ADDRESSES "*dbus*:*/bus"
/* What runs a bus and accepts nobody but from its listeners; a proxy to another bus isn't one. */
#define USUAL_DAEMONS "dbus-daemon:dbus-broker-launch"

static struct {
	/* Patterns of buses' addresses, separated by colons */
	char addresses[4096];
	/* Names of programs that are bus daemons, likewise */
	char daemons[1024];
	/* The file for reports, empty for none */
	char report[PATH_MAX];
} settings = { .addresses = USUAL_ADDRESSES, .daemons = USUAL_DAEMONS };

/* What doesn't fit is as if it weren't there. */
static inline void read_setting(const char *variable, char *to, size_t size)
{
	const char *value = secure_getenv(variable);

	if (value && strlen(value) < size)
		strcpy(to, value);
}

static inline void read_settings(void)
{
	read_setting("FASTIPC_DBUS_ADDRESSES", settings.addresses, sizeof(settings.addresses));
	read_setting("FASTIPC_DBUS_DAEMONS", settings.daemons, sizeof(settings.daemons));
	read_setting("FASTIPC_DBUS_REPORT", settings.report, sizeof(settings.report));
}

#endif
