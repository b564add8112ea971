/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_BITS_H
#define FASTIPC_LINUX_BITS_H

#define BIT(number) (1UL << (number))

#endif
