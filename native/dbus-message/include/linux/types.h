/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's names for what the C library has too; so are the other headers here. */
#ifndef FASTIPC_LINUX_TYPES_H
#define FASTIPC_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* The kernel's compiler_attributes.h, which every file has there. */
#define noinline __attribute__((__noinline__))

#endif
