/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests that open and map: anonymous memory and files of every kind.
 */
#ifndef FASTIPC_MAP_REQUESTS_H
#define FASTIPC_MAP_REQUESTS_H

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pattern.h"
#include "request.h"

#define HUGE_PAGE_SIZE (1UL << 21)

static inline bool fill_file(int fd, size_t length, uint32_t seed)
{
	unsigned char *memory;

	if (!length)
		return true;
	memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return false;
	pattern_fill(memory, length, seed);
	munmap(memory, length);
	return true;
}

/* A file descriptor of the kind's memory, that many pages long and filled; -1 where it has none. */
static inline int backing(const char *kind, size_t pages, uint32_t seed)
{
	size_t length = pages * page_size;
	int fd;

	if (!strcmp(kind, "secret"))
		fd = (int)syscall(SYS_memfd_secret, 0);
	else
		fd = memfd_create("memory-target", 0);
	if (fd < 0 || ftruncate(fd, length) || !fill_file(fd, length, seed))
		return -1;
	return fd;
}

/* The flags of mmap(2) for a kind of memory, or -1 if there is no such kind. */
static inline int map_flags(const char *kind)
{
	if (!strcmp(kind, "anonymous"))
		return MAP_PRIVATE | MAP_ANONYMOUS;
	if (!strcmp(kind, "low"))
		return MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
	if (!strcmp(kind, "shared"))
		return MAP_SHARED | MAP_ANONYMOUS;
	if (!strcmp(kind, "hugetlb"))
		return MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	if (!strcmp(kind, "file"))
		return MAP_PRIVATE;
	if (!strcmp(kind, "shared-file") || !strcmp(kind, "secret"))
		return MAP_SHARED;
	errno = EINVAL;
	return -1;
}

/*
 * Maps memory with a page-sized hole on either side. As every mapping asks for two pages
 * more than it keeps, none fits into a hole that another has left.
 */
static inline void *map_between_holes(size_t length, int bits, int flags, int fd, off_t offset)
{
	unsigned char *around, *memory;

	around = mmap(NULL, length + 2 * page_size, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | (flags & MAP_32BIT), -1, 0);
	if (around == MAP_FAILED)
		return MAP_FAILED;
	memory = mmap(around + page_size, length, bits, flags | MAP_FIXED, fd, offset);
	if (memory == MAP_FAILED) {
		int error = errno;

		munmap(around, length + 2 * page_size);
		errno = error;
		return MAP_FAILED;
	}
	munmap(around, page_size);
	munmap(memory + length, page_size);
	return memory;
}

static void do_map(struct request *request)
{
	size_t length = request->number[1] * page_size;
	int bits = protection(request->word[2]);
	int flags = map_flags(request->word[0]);
	int fd = -1;

	if (flags < 0)
		return channel_fail(request->channel, "map");
	if (flags & MAP_HUGETLB)
		return answer_address(request, mmap(NULL, length, bits, flags, -1, 0), "mmap");
	if (!(flags & MAP_ANONYMOUS)) {
		fd = backing(request->word[0], request->number[4], request->number[3]);
		if (fd < 0)
			return channel_fail(request->channel, "a file to map");
	}
	answer_address(request, map_between_holes(length, bits, flags, fd, 0), "mmap");
	if (fd >= 0)
		close(fd);
}

static void do_open(struct request *request)
{
	const char *how = request->word[1];
	int flags = !strcmp(how, "direct") ? O_RDONLY | O_DIRECT :
		    !strcmp(how, "rw") ? O_RDWR : O_RDONLY;

	answer_descriptor(request, open(request->word[0], flags | O_CLOEXEC), request->word[0]);
}

static void do_memory_file(struct request *request)
{
	int fd = memfd_create("memory-target", request->number[0] | MFD_CLOEXEC);
	size_t length = request->number[1] * page_size;

	if (fd < 0 || ftruncate(fd, length) || !fill_file(fd, length, request->number[2]))
		return channel_fail(request->channel, "memory-file");
	answer_descriptor(request, fd, "memfd_create");
}

static inline bool is_hugetlb(int fd)
{
	struct statfs system;

	return !fstatfs(fd, &system) && system.f_type == HUGETLBFS_MAGIC;
}

static void do_map_file(struct request *request)
{
	int flags = !strcmp(request->word[4], "shared") ? MAP_SHARED : MAP_PRIVATE;
	off_t offset = (off_t)request->number[1] * page_size;
	size_t length = request->number[2] * page_size;
	int bits = protection(request->word[3]);
	int fd = (int)request->number[0];

	/* Huge pages have to begin where they can, so there is no place for holes. */
	if (is_hugetlb(fd))
		return answer_address(request, mmap(NULL, length, bits, flags, fd, offset), "mmap");
	answer_address(request, map_between_holes(length, bits, flags, fd, offset), "mmap");
}

/* Much address space for little memory; its first byte is where a huge page may begin. */
static void do_map_repeated(struct request *request)
{
	size_t length = request->number[1], times = request->number[2];
	size_t whole = (times + 1) * length;
	int fd = (int)request->number[0];
	unsigned char *around, *memory;

	around = mmap(NULL, whole + HUGE_PAGE_SIZE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (around == MAP_FAILED)
		return channel_fail(request->channel, "mmap");
	memory = pointer(((unsigned long)around + HUGE_PAGE_SIZE - 1) & -HUGE_PAGE_SIZE);
	for (size_t i = 0; i <= times; i++) {
		off_t offset = i < times ? 0 : (off_t)request->number[3];

		if (mmap(memory + i * length, length, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, offset) == MAP_FAILED)
			return channel_fail(request->channel, "mmap");
	}
	answer_address(request, memory, "mmap");
}

#endif
