/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_SIZES_H
#define FASTIPC_LINUX_SIZES_H

#define SZ_16K 0x00004000
#define SZ_64M 0x04000000
#define SZ_128M 0x08000000

#endif
