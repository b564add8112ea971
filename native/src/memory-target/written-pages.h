/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request that asks PAGEMAP_SCAN, as a checkpointing program does, which pages were
 * written since it was asked last. The memory has to be registered with a userfaultfd
 * for asynchronous write protection.
 */
#ifndef FASTIPC_WRITTEN_PAGES_H
#define FASTIPC_WRITTEN_PAGES_H

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "request.h"

/* Newer than the headers that programs are compiled with. */
#ifndef PAGEMAP_SCAN
struct page_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct pm_scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN (1 << 1)
#define PM_SCAN_WP_MATCHING (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)
#endif

#define WRITTEN_REGIONS_MAXIMUM 64

/* The regions of written pages; write-protects them again. -1 and errno if it can't be told. */
static inline int scan_written(unsigned long address, size_t length, struct page_region *regions)
{
	struct pm_scan_arg scan = {
		.size = sizeof(scan),
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
		.start = address,
		.end = address + length,
		.vec = (unsigned long)regions,
		.vec_len = WRITTEN_REGIONS_MAXIMUM,
		.category_mask = PAGE_IS_WRITTEN,
		.return_mask = PAGE_IS_WRITTEN,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int found;

	if (fd < 0)
		return -1;
	found = ioctl(fd, PAGEMAP_SCAN, &scan);
	close(fd);
	return found;
}

static void do_written_pages(struct request *request)
{
	struct page_region regions[WRITTEN_REGIONS_MAXIMUM];
	unsigned long address = request->number[0];
	char text[LINE_LENGTH_MAXIMUM / 2];
	size_t used = 0, pages = 0;
	int found;

	found = scan_written(address, request->number[1], regions);
	if (found < 0)
		return channel_fail(request->channel, "PAGEMAP_SCAN");
	text[0] = '\0';
	for (int i = 0; i < found; i++) {
		for (unsigned long page = regions[i].start; page < regions[i].end;
		     page += page_size, pages++) {
			if (used + 24 > sizeof(text))
				continue;
			used += sprintf(text + used, " %lu", (page - address) / page_size);
		}
	}
	channel_answer(request->channel, "ok %zu%s", pages, text);
}

#endif
