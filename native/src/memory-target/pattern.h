/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known memory: every 4-byte word of a pattern is different, so a copy that is
 * shifted, swapped or repeated by any distance doesn't look right. The same
 * pattern is made by ltp-style-tests/src/process/pattern.ts.
 */
#ifndef FASTIPC_PATTERN_H
#define FASTIPC_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a word's first byte is its lowest");

/* The byte at @offset from the beginning of the pattern that @seed names. */
static inline unsigned char pattern_byte(size_t offset, uint32_t seed)
{
	uint32_t word = (uint32_t)(offset / 4) * UINT32_C(0x9e3779b1) + seed;

	return word >> (offset % 4 * 8);
}

/* Whole words where there are some: the largest tests fill 64 MiB on an emulated processor. */
static inline void pattern_fill(unsigned char *memory, size_t length, uint32_t seed)
{
	uint32_t word = seed;
	size_t i = 0;

	for (; i + sizeof(word) <= length; i += sizeof(word), word += UINT32_C(0x9e3779b1))
		memcpy(memory + i, &word, sizeof(word));
	for (; i < length; i++)
		memory[i] = pattern_byte(i, seed);
}

/* Where memory first differs from what it should hold; length if nowhere. */
static inline size_t pattern_mismatch(const unsigned char *memory, size_t length, uint32_t seed)
{
	uint32_t word = seed, found;
	size_t i = 0;

	for (; i + sizeof(word) <= length; i += sizeof(word), word += UINT32_C(0x9e3779b1)) {
		memcpy(&found, memory + i, sizeof(found));
		if (found != word)
			break;
	}
	while (i < length && memory[i] == pattern_byte(i, seed))
		i++;
	return i;
}

static inline size_t byte_mismatch(const unsigned char *memory, size_t length, unsigned char byte)
{
	size_t i = 0;

	if (length && memory[0] == byte && !memcmp(memory, memory + 1, length - 1))
		return length;
	while (i < length && memory[i] == byte)
		i++;
	return i;
}

#endif
