/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that is copied, at addresses that are the same in every process, and what
 * it may hold. Nothing else ever counts as a byte that was copied.
 */
#ifndef FASTIPC_RACES_MEMORY_H
#define FASTIPC_RACES_MEMORY_H

#include "../memory-target/pattern.h"
#include "stage.h"

#define PAGE_BYTES ((size_t)4096)
#define HUGE_BYTES ((size_t)2 << 20)
#define MEMORY_BYTES (2 * HUGE_BYTES)
#define MARGIN_BYTES PAGE_BYTES

/* Apart by more than a table of page tables. */
#define PRIVATE_MEMORY ((unsigned char *)0x100000000000)
#define SHARED_MEMORY ((unsigned char *)0x110000000000)
#define AWAY_MEMORY ((unsigned char *)0x120000000000)

/* Seeds of what the target has from the beginning, and of what is written to it. */
#define ORIGINAL_SEED UINT32_C(0x1f2e3d4c)
#define WRITTEN_SEED UINT32_C(0x7a5b3c91)
#define CANARY 0xca

/* What a target has at IMAGE is 0xb5 all over in a program that was just started. */
#define IMAGE_BYTES HUGE_BYTES
#define OTHER_BYTE 0xb5

asm(".pushsection .data\n"
    ".balign 4096\n"
    "image: .fill 2097152, 1, 0xb5\n"
    ".popsection");
extern unsigned char image[IMAGE_BYTES];

static unsigned char *original; /* what the target's memory holds */
static unsigned char *written; /* what copies to it bring */
static unsigned char *buffer; /* a caller's own, CANARY wherever nothing was copied to */
static int shared_file; /* what is at SHARED_MEMORY, even where that is unmapped */

static void *map(void *address, size_t length, int sharing, int fd)
{
	int fixed = address ? MAP_FIXED : 0;
	void *mapped = mmap(address, length, PROT_READ | PROT_WRITE,
			    sharing | fixed | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (mapped == MAP_FAILED)
		fail("mmap of %zu bytes at %p: %s", length, address, error_words(errno));
	return mapped;
}

static void advise(void *address, size_t length, int advice)
{
	if (madvise(address, length, advice) < 0)
		fail("madvise(%p, %zu, %d): %s", address, length, advice, error_words(errno));
}

static void map_shared_memory(void)
{
	map(SHARED_MEMORY, MEMORY_BYTES, MAP_SHARED, shared_file);
}

/* A buffer of this process's own, with margins. */
static void map_buffer(void)
{
	buffer = map(NULL, MEMORY_BYTES + 2 * MARGIN_BYTES, MAP_PRIVATE, -1);
	memset(buffer, CANARY, MEMORY_BYTES + 2 * MARGIN_BYTES);
	buffer += MARGIN_BYTES;
}

/* What is the same in all processes is shared, as a fork copies no tables of that. */
static void place_memory(void)
{
	original = map(NULL, MEMORY_BYTES, MAP_SHARED, -1);
	written = map(NULL, MEMORY_BYTES, MAP_SHARED, -1);
	pattern_fill(original, MEMORY_BYTES, ORIGINAL_SEED);
	pattern_fill(written, MEMORY_BYTES, WRITTEN_SEED);
	shared_file = memfd_create("copy-races", MFD_CLOEXEC);
	if (shared_file < 0 || ftruncate(shared_file, MEMORY_BYTES) < 0)
		fail("memfd_create: %s", error_words(errno));
	map_shared_memory();
	memcpy(SHARED_MEMORY, original, MEMORY_BYTES);
	map(PRIVATE_MEMORY, MEMORY_BYTES, MAP_PRIVATE, -1);
	advise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_NOHUGEPAGE);
	memcpy(PRIVATE_MEMORY, original, MEMORY_BYTES);
	memcpy(image, original, IMAGE_BYTES);
	map_buffer();
	advise(original, MEMORY_BYTES, MADV_DONTDUMP);
	advise(written, MEMORY_BYTES, MADV_DONTDUMP);
	advise(buffer - MARGIN_BYTES, MEMORY_BYTES + 2 * MARGIN_BYTES, MADV_DONTDUMP);
}

/* New memory of this process's own in place of what it inherited, of huge pages if wanted. */
static void renew_private_memory(bool huge)
{
	map(PRIVATE_MEMORY, MEMORY_BYTES, MAP_PRIVATE, -1);
	advise(PRIVATE_MEMORY, MEMORY_BYTES, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memcpy(PRIVATE_MEMORY, original, MEMORY_BYTES);
}

/* Where memory first differs from @expected; @length if nowhere. */
static size_t first_difference(const unsigned char *memory, const unsigned char *expected,
			       size_t length)
{
	size_t i = 0;

	if (!memcmp(memory, expected, length))
		return length;
	while (memory[i] == expected[i])
		i++;
	return i;
}

/* What may be found besides the original bytes. */
enum freshness {
	AS_PLACED,
	LAST_PAGES_OR_ZERO, /* the last page of each huge page may be new, and so 0 */
	ANY_OF_ITS_OWN, /* all of it may be new, and may have been written to */
};

static bool is_own_byte(enum freshness freshness, size_t offset, unsigned char byte)
{
	switch (freshness) {
	case AS_PLACED:
		return false;
	case LAST_PAGES_OR_ZERO:
		return byte == 0 && offset % HUGE_BYTES >= HUGE_BYTES - PAGE_BYTES;
	case ANY_OF_ITS_OWN:
		return byte == 0 || byte == written[offset];
	}
	return false;
}

/* Where @memory, a copy of what is at @offset, first has what it must not; @length if nowhere. */
static size_t first_alien_byte(const unsigned char *memory, size_t offset, size_t length,
			       enum freshness freshness)
{
	size_t i = first_difference(memory, original + offset, length);

	while (i < length && (memory[i] == original[offset + i] ||
			      is_own_byte(freshness, offset + i, memory[i])))
		i++;
	return i;
}

struct range {
	size_t offset, length;
};

/* Mostly long ones, as the race is for the time between their beginning and their end. */
static struct range choose_range_in(size_t bytes)
{
	struct range range = { .offset = random_below(4 * PAGE_BYTES) };
	size_t most = bytes - range.offset;

	switch (random_below(8)) {
	case 0:
		range.length = 1 + random_below(64);
		break;
	case 1:
		range.length = 1 + random_below(16 * PAGE_BYTES);
		break;
	case 2:
	case 3:
		range.offset = random_below(bytes / 2);
		range.length = 1 + random_below(bytes / 2);
		break;
	default:
		range.length = most - random_below(most / 2);
	}
	return range;
}

static struct range choose_range(void)
{
	return choose_range_in(MEMORY_BYTES);
}

/* That so many bytes at the range's beginning were overwritten, and nothing else in @memory. */
static void expect_written(const char *whose, unsigned char *memory, struct range range, long copied)
{
	size_t count = copied > 0 ? copied : 0, end = range.offset + count;
	size_t wrong = first_difference(memory, original, range.offset);

	if (wrong < range.offset)
		fail("a write to %zu + %zu, of which %ld were counted, changed byte %zu of %s",
		     range.offset, range.length, copied, wrong, whose);
	wrong = first_difference(memory + range.offset, written + range.offset, count);
	if (wrong < count)
		fail("byte %zu of %ld that were counted as written to %zu is 0x%02x in %s, "
		     "not 0x%02x",
		     wrong, copied, range.offset, memory[range.offset + wrong], whose,
		     written[range.offset + wrong]);
	wrong = end + first_difference(memory + end, original + end, MEMORY_BYTES - end);
	if (wrong < MEMORY_BYTES)
		fail("a write to %zu + %zu, of which %ld were counted, changed byte %zu of %s",
		     range.offset, range.length, copied, wrong, whose);
}

/* The same, and then the memory is as it was before. */
static void expect_written_once(const char *whose, unsigned char *memory, struct range range,
				long copied)
{
	expect_written(whose, memory, range, copied);
	if (copied > 0)
		memcpy(memory + range.offset, original + range.offset, copied);
}

/* No write to another process may be seen in this one, whose pages that one has inherited. */
static void expect_bystander_unchanged(void)
{
	if (memcmp(PRIVATE_MEMORY, original, MEMORY_BYTES))
		fail("a copy to a child changed byte %zu of its parent's memory",
		     first_difference(PRIVATE_MEMORY, original, MEMORY_BYTES));
	if (memcmp(image, original, IMAGE_BYTES))
		fail("a copy to a child changed byte %zu of its parent's image",
		     first_difference(image, original, IMAGE_BYTES));
}

#endif
