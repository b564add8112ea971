/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_ALIGN_H
#define FASTIPC_LINUX_ALIGN_H

#define ALIGN(value, alignment) (((value) + (alignment) - 1) & ~((alignment) - 1))
#define IS_ALIGNED(value, alignment) (((value) & ((alignment) - 1)) == 0)

#endif
