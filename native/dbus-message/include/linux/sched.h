/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_LINUX_SCHED_H
#define FASTIPC_LINUX_SCHED_H

#define cond_resched() ((void)0)

#endif
