/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subjects in which the target sends and this process receives. The two alternate:
 * the receiver asks for each message when it has the one before, and waits until it is
 * there, so that a figure holds everything that one message costs both of them, the
 * changes from one process to the other and the asking included (subject `handshake`).
 *
 * Those that send run in the target. All return how many bytes they moved, or -1 with
 * errno.
 */
#ifndef FASTIPC_MESSAGES_H
#define FASTIPC_MESSAGES_H

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel-copy.h"
#include "transfer.h"

/* What the kernel lets anybody have (fs.pipe-max-size), for both kinds of pipe. */
#define PIPE_BYTES (1 << 20)

static void open_lanes(struct lanes *lanes, size_t length)
{
	sem_t *gates = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	if (gates == MAP_FAILED)
		fail("mmap: %s", error_words(errno));
	lanes->wanted = &gates[0];
	lanes->ready = &gates[1];
	if (sem_init(lanes->wanted, 1, 0) < 0 || sem_init(lanes->ready, 1, 0) < 0)
		fail("sem_init: %s", error_words(errno));
	lanes->shared = SHARED_ADDRESS;
	map_at(lanes->shared, length, MAP_SHARED, MADV_NOHUGEPAGE);
	if (pipe2(lanes->pipe, O_CLOEXEC) < 0 || fcntl(lanes->pipe[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
		fail("a pipe of %d bytes: %s", PIPE_BYTES, error_words(errno));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lanes->stream) < 0)
		fail("socketpair: %s", error_words(errno));
}

/* Each process keeps its own ends, so that the other's death ends a wait for it. */
static void keep_ends(const struct lanes *lanes, int foreign_pipe, int foreign_stream)
{
	close(lanes->pipe[foreign_pipe]);
	close(lanes->stream[foreign_stream]);
}

static void close_lanes(const struct lanes *lanes, size_t length)
{
	close(lanes->pipe[0]);
	close(lanes->stream[0]);
	munmap(lanes->shared, length);
	munmap(lanes->wanted, PAGE_BYTES);
}

static void post(sem_t *gate)
{
	if (sem_post(gate) < 0)
		fail("sem_post: %s", error_words(errno));
}

static void wait_for(sem_t *gate)
{
	while (sem_wait(gate) < 0) {
		if (errno != EINTR)
			fail("sem_wait: %s", error_words(errno));
	}
}

/* Reads the whole message; short where the sender has gone. */
static long read_all(int fd, unsigned char *buffer, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = read(fd, buffer + done, bytes - done);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += got;
	}
	return done;
}

static long send_turn(const struct transfer *transfer)
{
	post(transfer->lanes->ready);
	return transfer->bytes;
}

static long receive_turn(const struct transfer *transfer)
{
	post(transfer->lanes->wanted);
	wait_for(transfer->lanes->ready);
	return transfer->bytes;
}

static long send_shared(const struct transfer *transfer)
{
	for (size_t i = 0; i < transfer->ranges; i++)
		kernel_copy(transfer->lanes->shared + i * transfer->length,
			    transfer->remote + i * RANGE_STRIDE, transfer->length);
	post(transfer->lanes->ready);
	return transfer->bytes;
}

static long receive_shared(const struct transfer *transfer)
{
	post(transfer->lanes->wanted);
	wait_for(transfer->lanes->ready);
	kernel_copy(transfer->buffer, transfer->lanes->shared, transfer->bytes);
	return transfer->bytes;
}

static long send_pipe(const struct transfer *transfer)
{
	return writev(transfer->lanes->pipe[1], transfer->remote_ranges, transfer->ranges);
}

static long receive_pipe(const struct transfer *transfer)
{
	post(transfer->lanes->wanted);
	return read_all(transfer->lanes->pipe[0], transfer->buffer, transfer->bytes);
}

/* A full pipe takes a part. Several ranges are few enough for all of them to fit. */
static long send_spliced(const struct transfer *transfer)
{
	struct iovec rest = transfer->remote_ranges[0];

	if (transfer->ranges > 1)
		return vmsplice(transfer->lanes->pipe[1], transfer->remote_ranges,
				transfer->ranges, 0);
	while (rest.iov_len) {
		ssize_t spliced = vmsplice(transfer->lanes->pipe[1], &rest, 1, 0);

		if (spliced < 0)
			return -1;
		rest.iov_base = (char *)rest.iov_base + spliced;
		rest.iov_len -= spliced;
	}
	return transfer->bytes;
}

static long send_stream(const struct transfer *transfer)
{
	return writev(transfer->lanes->stream[1], transfer->remote_ranges, transfer->ranges);
}

static long receive_stream(const struct transfer *transfer)
{
	post(transfer->lanes->wanted);
	return read_all(transfer->lanes->stream[0], transfer->buffer, transfer->bytes);
}

#endif
