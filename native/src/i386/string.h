/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the headers of memory-target need of <string.h>, and what the compiler makes calls of by
 * itself: there need not be a C library for i386.
 */
#ifndef FASTIPC_I386_STRING_H
#define FASTIPC_I386_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *memory, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);

#endif
