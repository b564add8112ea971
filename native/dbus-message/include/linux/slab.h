/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_SLAB_H
#define FASTIPC_LINUX_SLAB_H

#include <stdlib.h>

#define GFP_KERNEL 0
#define kvzalloc(size, flags) calloc(1, size)
#define kvfree(memory) free(memory)

#endif
