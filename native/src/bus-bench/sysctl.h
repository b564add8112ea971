/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's settings of direct delivery, which only kernels that deliver directly have */
#ifndef FASTIPC_BUS_BENCH_SYSCTL_H
#define FASTIPC_BUS_BENCH_SYSCTL_H

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define DBUS_SYSCTLS "/proc/sys/net/dbus/"

static inline bool has_direct_delivery(void)
{
	return !access(DBUS_SYSCTLS "direct", F_OK);
}

static inline unsigned int read_sysctl(const char *name)
{
	char file[128];
	unsigned int value;
	FILE *stream;

	snprintf(file, sizeof(file), DBUS_SYSCTLS "%s", name);
	stream = fopen(file, "r");
	if (!stream || fscanf(stream, "%u", &value) != 1)
		err(1, "read %s", file);
	fclose(stream);
	return value;
}

static inline void write_sysctl(const char *name, unsigned int value)
{
	char file[128];
	FILE *stream;

	snprintf(file, sizeof(file), DBUS_SYSCTLS "%s", name);
	stream = fopen(file, "w");
	if (!stream || fprintf(stream, "%u\n", value) < 0 || fclose(stream))
		err(1, "write %u to %s", value, file);
}

#endif
