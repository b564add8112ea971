/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_UNALIGNED_H
#define FASTIPC_LINUX_UNALIGNED_H

#include <endian.h>
#include <linux/types.h>
#include <string.h>

#define get_unaligned(pointer)                              \
	({                                                  \
		typeof(*(pointer)) got_;                    \
		memcpy((void *)&got_, pointer, sizeof(got_)); \
		got_;                                       \
	})

static inline u32 get_unaligned_le32(const void *pointer)
{
	return le32toh(get_unaligned((const u32 *)pointer));
}

static inline u32 get_unaligned_be32(const void *pointer)
{
	return be32toh(get_unaligned((const u32 *)pointer));
}

static inline u64 get_unaligned_le64(const void *pointer)
{
	return le64toh(get_unaligned((const u64 *)pointer));
}

static inline void put_unaligned_le32(u32 value, void *pointer)
{
	value = htole32(value);
	memcpy(pointer, &value, sizeof(value));
}

static inline void put_unaligned_be32(u32 value, void *pointer)
{
	value = htobe32(value);
	memcpy(pointer, &value, sizeof(value));
}

#endif
