/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request that maps the ring of a packet socket: pages that belong to the kernel and
 * are inserted into the mapping one by one (VM_MIXEDMAP).
 */
#ifndef FASTIPC_PACKET_RING_H
#define FASTIPC_PACKET_RING_H

#include <linux/if_packet.h>
#include <sys/socket.h>

#include "request.h"

static void do_map_packet_ring(struct request *request)
{
	unsigned int pages = request->number[1];
	struct tpacket_req ring = {
		.tp_block_size = page_size, .tp_block_nr = pages,
		.tp_frame_size = page_size, .tp_frame_nr = pages,
	};
	int option = !strcmp(request->word[0], "rx") ? PACKET_RX_RING : PACKET_TX_RING;
	/* Without a protocol it receives nothing, so nobody writes to the ring. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return channel_fail(request->channel, "socket");
	if (setsockopt(fd, SOL_PACKET, option, &ring, sizeof(ring)))
		return channel_fail(request->channel, "a packet ring");
	answer_address(request, mmap(NULL, (size_t)pages * page_size, PROT_READ | PROT_WRITE,
				     MAP_SHARED, fd, 0), "mmap");
}

#endif
