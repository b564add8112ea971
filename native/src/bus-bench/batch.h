/* SPDX-License-Identifier: GPL-2.0-only */
/* How many messages are under way at once, the same for all who take part */
#ifndef FASTIPC_BUS_BENCH_BATCH_H
#define FASTIPC_BUS_BENCH_BATCH_H

#include <stddef.h>

/* Of a message's body */
#define BYTES_MAXIMUM (1 << 20)

/* Calls that wait for their replies together */
#define PIPELINED 64

#define SIGNALS_MAXIMUM 16

/* Signals that are sent before their receiver is waited for: so many, and not much more bytes */
static inline unsigned int batch_of_signals(size_t bytes)
{
	size_t fit = (256 << 10) / (bytes + 1);

	return fit < 1 ? 1 : fit < SIGNALS_MAXIMUM ? fit : SIGNALS_MAXIMUM;
}

#endif
