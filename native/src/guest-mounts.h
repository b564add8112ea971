/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's file systems. The root is the host's own, read-only; what programs
 * must be able to write lies in memory.
 */
#ifndef FASTIPC_GUEST_MOUNTS_H
#define FASTIPC_GUEST_MOUNTS_H

#include <sys/mount.h>
#include <sys/stat.h>

#include "guest-ports.h"

#define PLACES_MAX 32

/* What is changed in overlaid directories; out of the way, on a tmpfs of its own. */
#define CHANGES "/dev/.changes"

/* A file system of the kernel's own, and where programs look for it. */
struct kernel_mount {
	const char *type;
	const char *target;
	const char *options;
	bool create; /* make the directory, in devtmpfs */
};

static const struct kernel_mount kernel_mounts[] = {
	{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666", true },
	{ "mqueue", "/dev/mqueue", NULL, true },
	{ "hugetlbfs", "/dev/hugepages", NULL, true },
	{ "cgroup2", "/sys/fs/cgroup", NULL, false },
	{ "debugfs", "/sys/kernel/debug", NULL, false },
	{ "tracefs", "/sys/kernel/tracing", NULL, false },
	{ "securityfs", "/sys/kernel/security", NULL, false },
};

/* A directory that is made writable, or a path that must stay visible below one. */
struct place {
	const char *path;
	int host;      /* O_PATH descriptor of the host's, from before it is covered */
	bool overlaid; /* home: the host's files stay, changes go to memory */
};

struct places {
	struct place writable[PLACES_MAX];
	struct place kept[PLACES_MAX];
	size_t writable_count, kept_count;
};

/* What PID 1 itself needs before it can reach the host. */
static void mount_first(void)
{
	static const char *const first[][2] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
	};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		/* EBUSY: the kernel has mounted it (CONFIG_DEVTMPFS_MOUNT) */
		if (mount(first[i][0], first[i][1], first[i][0], 0, NULL) < 0 && errno != EBUSY)
			die("mount %s: %s", first[i][1], strerror(errno));
}

/* A kernel built without one of them (ENODEV) is no cause to complain. */
static void mount_kernel_file_systems(int verdict_port)
{
	for (size_t i = 0; i < sizeof(kernel_mounts) / sizeof(kernel_mounts[0]); i++) {
		const struct kernel_mount *wanted = &kernel_mounts[i];

		if (wanted->create)
			mkdir(wanted->target, 0755);
		if (mount(wanted->type, wanted->target, wanted->type, 0, wanted->options) < 0 &&
		    errno != ENODEV)
			complain(verdict_port, "can't mount %s on %s: %s", wanted->type,
				 wanted->target, strerror(errno));
	}
}

static void add_place(struct place *list, size_t *count, const char *path, bool overlaid)
{
	if (*count == PLACES_MAX)
		die("more than %d paths to keep or make writable", PLACES_MAX);
	list[(*count)++] = (struct place){
		.path = path,
		.host = open(path, O_PATH | O_CLOEXEC),
		.overlaid = overlaid,
	};
}

static void add_home(struct places *places, const char *path)
{
	add_place(places->writable, &places->writable_count, path, true);
}

static void add_kept(struct places *places, const char *path)
{
	add_place(places->kept, &places->kept_count, path, false);
}

static bool lies_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/';
}

static void make_directories(const char *path)
{
	char partial[4096];

	snprintf(partial, sizeof(partial), "%s", path);
	for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(partial, 0755);
		*slash = '/';
	}
	mkdir(partial, 0755);
}

/* The host's directory may be closed to the user whom QEMU runs as. */
static bool is_readable(const char *directory)
{
	DIR *opened = opendir(directory);
	bool readable = opened != NULL && (errno = 0, readdir(opened) != NULL);

	if (opened != NULL)
		closedir(opened);
	return readable;
}

static int mount_overlay(const struct place *place, size_t number)
{
	char upper[64], work[64], options[256];
	struct stat host;

	snprintf(upper, sizeof(upper), CHANGES "/%zu/upper", number);
	snprintf(work, sizeof(work), CHANGES "/%zu/work", number);
	make_directories(upper);
	make_directories(work);
	/* The upper directory's owner and mode are what the merged one shows. */
	if (fstat(place->host, &host) < 0 || chown(upper, host.st_uid, host.st_gid) < 0 ||
	    chmod(upper, host.st_mode & 07777) < 0)
		return -1;
	/* By descriptor: a path may hold the comma and colon that separate options. */
	snprintf(options, sizeof(options), "lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s",
		 place->host, upper, work);
	return mount("overlay", place->path, "overlay", 0, options);
}

static void mount_writable(const struct place *place, size_t number, int verdict_port)
{
	char through_descriptor[32];
	int mounted;

	make_directories(place->path);
	snprintf(through_descriptor, sizeof(through_descriptor), "/proc/self/fd/%d", place->host);
	if (place->overlaid && is_readable(through_descriptor))
		mounted = mount_overlay(place, number);
	else
		mounted = mount("tmpfs", place->path, "tmpfs", 0,
				place->overlaid ? "mode=700" : "mode=1777");
	if (mounted < 0)
		complain(verdict_port, "can't make %s writable: %s", place->path, strerror(errno));
}

/* Brings one of the host's paths back that a tmpfs has covered. */
static void mount_kept(const struct place *place, int verdict_port)
{
	char source[32];
	struct stat host;

	if (place->host < 0 || fstat(place->host, &host) < 0) {
		complain(verdict_port, "can't find %s to keep it visible", place->path);
		return;
	}
	if (S_ISDIR(host.st_mode)) {
		make_directories(place->path);
	} else {
		char parent[4096];

		snprintf(parent, sizeof(parent), "%s", place->path);
		*strrchr(parent, '/') = '\0';
		make_directories(parent);
		close(open(place->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	}
	snprintf(source, sizeof(source), "/proc/self/fd/%d", place->host);
	if (mount(source, place->path, NULL, MS_BIND, NULL) < 0)
		complain(verdict_port, "can't keep %s visible: %s", place->path, strerror(errno));
}

/* Parents before what lies below them. */
static int by_length(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return (int)strlen(a->path) - (int)strlen(b->path);
}

static bool is_covered(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->writable_count; i++)
		if (!places->writable[i].overlaid && lies_below(path, places->writable[i].path))
			return true;
	return false;
}

static void mount_places(struct places *places, int verdict_port)
{
	static const char *const in_memory[] = { "/dev/shm", "/run", "/tmp", "/var/tmp" };

	mkdir("/dev/shm", 01777);
	mkdir(CHANGES, 0700);
	if (mount("tmpfs", CHANGES, "tmpfs", 0, "mode=700") < 0)
		die("mount %s: %s", CHANGES, strerror(errno));
	for (size_t i = 0; i < sizeof(in_memory) / sizeof(in_memory[0]); i++)
		add_place(places->writable, &places->writable_count, in_memory[i], false);
	qsort(places->writable, places->writable_count, sizeof(struct place), by_length);
	qsort(places->kept, places->kept_count, sizeof(struct place), by_length);
	for (size_t i = 0; i < places->writable_count; i++)
		mount_writable(&places->writable[i], i, verdict_port);
	for (size_t i = 0; i < places->kept_count; i++)
		if (is_covered(places, places->kept[i].path))
			mount_kept(&places->kept[i], verdict_port);
}

#endif
