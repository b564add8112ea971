/* SPDX-License-Identifier: GPL-2.0-only */
/* Control groups (version 2) of a race's own. */
#ifndef FASTIPC_RACES_GROUPS_H
#define FASTIPC_RACES_GROUPS_H

#include <sys/stat.h>

#include "targets.h"

#define GROUPS_DIRECTORY "/sys/fs/cgroup"

struct control_group {
	char path[80];
};

static int open_group_file(const struct control_group *group, const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group->path, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fail("%s: %s", path, error_words(errno));
	return fd;
}

static void write_group(const struct control_group *group, const char *name, const char *value)
{
	int fd = open_group_file(group, name, O_WRONLY);

	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		fail("writing '%s' to %s/%s: %s", value, group->path, name, error_words(errno));
	close(fd);
}

static void write_group_number(const struct control_group *group, const char *name, long number)
{
	char value[24];

	snprintf(value, sizeof(value), "%ld", number);
	write_group(group, name, value);
}

static void read_group(const struct control_group *group, const char *name, char *value, size_t size)
{
	int fd = open_group_file(group, name, O_RDONLY);
	ssize_t got = read(fd, value, size - 1);

	if (got < 0)
		fail("%s/%s: %s", group->path, name, error_words(errno));
	value[got] = '\0';
	close(fd);
}

static long read_group_number(const struct control_group *group, const char *name)
{
	char value[32];

	read_group(group, name, value, sizeof(value));
	return atol(value);
}

static struct control_group make_group(const char *name)
{
	static const struct control_group root = { GROUPS_DIRECTORY };
	struct control_group group;

	write_group(&root, "cgroup.subtree_control", "+memory");
	snprintf(group.path, sizeof(group.path), GROUPS_DIRECTORY "/copy-races-%d-%s", getpid(),
		 name);
	if (mkdir(group.path, 0755) < 0)
		fail("mkdir %s: %s", group.path, error_words(errno));
	/* Swapped out memory would make room below a limit. */
	write_group(&group, "memory.swap.max", "0");
	return group;
}

/* Succeeds as soon as no process is left in it, whatever was charged to it. */
static void remove_group(const struct control_group *group)
{
	if (rmdir(group->path) < 0)
		fail("rmdir %s: %s", group->path, error_words(errno));
}

static void enter_group(const struct control_group *group)
{
	write_group_number(group, "cgroup.procs", 0);
}

static bool is_frozen(const struct control_group *group)
{
	char value[64];

	read_group(group, "cgroup.events", value, sizeof(value));
	return strstr(value, "frozen 1") != NULL;
}

/* Returns when all its processes are. */
static void freeze(const struct control_group *group)
{
	write_group(group, "cgroup.freeze", "1");
	while (!is_frozen(group))
		sched_yield();
}

static void thaw(const struct control_group *group)
{
	write_group(group, "cgroup.freeze", "0");
}

#endif
