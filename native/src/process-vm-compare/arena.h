/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is copied from and to, mapped twice: with holes in it, where the calls see it,
 * and whole, where this program fills it and looks at every byte.
 */
#ifndef FASTIPC_ARENA_H
#define FASTIPC_ARENA_H

#define PAGE_BYTES 4096
#define ARENA_PAGES 16
#define ARENA_BYTES ((size_t)ARENA_PAGES * PAGE_BYTES)

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../memory-target/pattern.h"
#include "fail.h"
#include "random.h"

struct arena {
	unsigned char *whole;
	unsigned char *holed;
	unsigned char *saved;	/* as the other call left it */
};

static inline unsigned char *arena_map(int file)
{
	unsigned char *memory = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file,
				     0);

	if (memory == MAP_FAILED)
		fail("mmap: %m");
	return memory;
}

static inline struct arena arena_create(void)
{
	int file = memfd_create("arena", MFD_CLOEXEC);
	struct arena arena;

	if (file < 0 || ftruncate(file, ARENA_BYTES))
		fail("memfd_create: %m");
	arena.whole = arena_map(file);
	arena.holed = arena_map(file);
	arena.saved = malloc(ARENA_BYTES);
	if (!arena.saved)
		fail("malloc: %m");
	close(file);
	return arena;
}

/*
 * One page in eight can't be read, or can't be written, or isn't there. The first and the
 * last aren't in any case: no copy may get at what is beside the arena.
 */
static inline void arena_make_holes(const struct arena *arena, struct random *random)
{
	munmap(arena->holed, PAGE_BYTES);
	munmap(arena->holed + ARENA_BYTES - PAGE_BYTES, PAGE_BYTES);
	for (unsigned long i = 1; i < ARENA_PAGES - 1; i++) {
		unsigned char *page = arena->holed + i * PAGE_BYTES;
		unsigned long kind = random_below(random, 24);

		if (kind == 0)
			munmap(page, PAGE_BYTES);
		else if (kind < 3)
			mprotect(page, PAGE_BYTES, kind == 1 ? PROT_NONE : PROT_READ);
	}
}

static inline void arena_fill(const struct arena *arena, uint32_t seed)
{
	pattern_fill(arena->whole, ARENA_BYTES, seed);
}

static inline void arena_save(const struct arena *arena)
{
	memcpy(arena->saved, arena->whole, ARENA_BYTES);
}

/* Where the arena isn't as it was saved; ARENA_BYTES if nowhere. */
static inline size_t arena_mismatch(const struct arena *arena)
{
	size_t i = 0;

	if (!memcmp(arena->whole, arena->saved, ARENA_BYTES))
		return ARENA_BYTES;
	while (arena->whole[i] == arena->saved[i])
		i++;
	return i;
}

#endif
