/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of memory that a copy can meet, each made on purpose and then looked at: a
 * figure of huge pages that aren't huge would be a figure of something else.
 */
#ifndef FASTIPC_MEMORY_KINDS_H
#define FASTIPC_MEMORY_KINDS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../memory-target/pattern.h"
#include "fail.h"

#define PAGE_BYTES ((size_t)4096)
#define HUGE_BYTES ((size_t)2 << 20)

enum memory_kind { MEMORY_SMALL, MEMORY_SCATTERED, MEMORY_THP, MEMORY_PAGES, MEMORY_KINDS };

static const char *const memory_names[MEMORY_KINDS] = {
	[MEMORY_SMALL] = "small", /* 4 KiB pages, nearly all in order physically */
	[MEMORY_SCATTERED] = "scattered", /* 4 KiB pages, neighbours physically apart */
	[MEMORY_THP] = "thp", /* transparent huge pages */
	[MEMORY_PAGES] = "pages", /* as small; one byte in each of 64 pages is copied */
};

/* What the memory holds at first, and after every check of a write. */
#define PLACED_SEED UINT32_C(0x1f2e3d4c)

/* Orders of touching to try; each is the distance in pages between two touches. */
static const size_t scatter_steps[] = { 67, 71, 73, 79, 83, 89, 97, 101 };

/* How many pages at least are side by side, on average, for memory to count as in order. */
#define CONTIGUOUS_RUN 32

#define DRAIN_LEAST ((size_t)16 << 20)
#define DRAIN_MOST ((size_t)256 << 20)

static void map_at(unsigned char *address, size_t length, int sharing, int advice)
{
	int flags = sharing | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

	if (mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0) != address)
		fail("mmap of %zu bytes at %p: %s", length, address, error_words(errno));
	if (madvise(address, length, advice) < 0)
		fail("madvise(%d): %s; the kernel needs CONFIG_TRANSPARENT_HUGEPAGE", advice,
		     error_words(errno));
}

/* Pages get their frames in the order of the first touch. */
static void touch(unsigned char *address, size_t length, size_t step)
{
	size_t pages = length / PAGE_BYTES;

	for (size_t first = 0; first < step; first++) {
		for (size_t page = first; page < pages; page += step)
			*(volatile unsigned char *)(address + page * PAGE_BYTES) = 1;
	}
}

/* How many pages have the next one's frame ... */
struct neighbours {
	long after; /* right behind their own */
	long before; /* right before it */
	bool known; /* only with CAP_SYS_ADMIN does /proc/self/pagemap tell */
};

static struct neighbours count_neighbours(const unsigned char *address, size_t length)
{
	size_t pages = length / PAGE_BYTES, size = pages * sizeof(uint64_t);
	const uint64_t frame_mask = (UINT64_C(1) << 55) - 1;
	uint64_t *entries = malloc(size);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct neighbours found = { .known = true };

	if (fd < 0 || !entries ||
	    pread(fd, entries, size, (uintptr_t)address / PAGE_BYTES * 8) != (ssize_t)size)
		fail("/proc/self/pagemap: %s", error_words(errno));
	close(fd);
	for (size_t i = 0; i + 1 < pages; i++) {
		uint64_t frame = entries[i] & frame_mask, next = entries[i + 1] & frame_mask;

		found.known &= frame != 0 && next != 0;
		found.after += next == frame + 1;
		found.before += next + 1 == frame;
	}
	free(entries);
	if (!found.known)
		fprintf(stderr, "copy-bench: not root, so that where the pages of the %zu bytes at "
				"%p are isn't proved\n",
			length, address);
	return found;
}

/* Bytes of huge pages in the mapping that begins at the address. */
static size_t count_huge_bytes(const unsigned char *address)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	size_t start, end, kilobytes;
	bool inside = false, found = false;
	char line[512];

	if (!smaps)
		fail("/proc/self/smaps: %s", error_words(errno));
	while (!found && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%zx-%zx ", &start, &end) == 2)
			inside = start == (uintptr_t)address;
		else if (inside && sscanf(line, "AnonHugePages: %zu kB", &kilobytes) == 1)
			found = true;
	}
	fclose(smaps);
	if (!found)
		fail("/proc/self/smaps says no AnonHugePages of the memory at %p", address);
	return kilobytes << 10;
}

static void place_scattered(unsigned char *address, size_t length)
{
	struct neighbours found;

	for (size_t i = 0; i < sizeof(scatter_steps) / sizeof(scatter_steps[0]); i++) {
		map_at(address, length, MAP_PRIVATE, MADV_NOHUGEPAGE);
		touch(address, length, scatter_steps[i]);
		found = count_neighbours(address, length);
		if (!found.known || found.after + found.before == 0)
			return;
		munmap(address, length);
	}
	fail("scattered memory: %ld of %zu pages still have their neighbours beside them",
	     found.after + found.before, length / PAGE_BYTES);
}

/*
 * The pages that are free one by one, here and there, are given out first. Other memory
 * takes them meanwhile, more of it each time, until the rest comes in order.
 */
static void place_contiguous(unsigned char *address, size_t length)
{
	long pages = length / PAGE_BYTES, most_apart = pages / CONTIGUOUS_RUN;
	struct neighbours found;

	for (size_t drained = DRAIN_LEAST; drained <= DRAIN_MOST; drained *= 2) {
		unsigned char *drain = mmap(NULL, drained, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (drain == MAP_FAILED || madvise(drain, drained, MADV_NOHUGEPAGE) < 0)
			fail("small memory: %s", error_words(errno));
		touch(drain, drained, 1);
		map_at(address, length, MAP_PRIVATE, MADV_NOHUGEPAGE);
		touch(address, length, 1);
		munmap(drain, drained);
		found = count_neighbours(address, length);
		if (!found.known || pages - 1 - found.after <= most_apart)
			return;
		munmap(address, length);
	}
	fail("small memory: only %ld of %ld pages have the next one behind them: the machine's free "
	     "memory is too fragmented",
	     found.after, pages);
}

/* Maps memory of the kind at the address, proves that it is of the kind, and fills it. */
static void place_memory(enum memory_kind kind, unsigned char *address, size_t length)
{
	size_t huge;

	switch (kind) {
	case MEMORY_SCATTERED:
		place_scattered(address, length);
		break;
	case MEMORY_THP:
		map_at(address, length, MAP_PRIVATE, MADV_HUGEPAGE);
		touch(address, length, 1);
		huge = count_huge_bytes(address);
		if (huge != length)
			fail("thp memory: only %zu of %zu bytes are on huge pages", huge, length);
		break;
	default:
		place_contiguous(address, length);
	}
	pattern_fill(address, length, PLACED_SEED);
}

#endif
