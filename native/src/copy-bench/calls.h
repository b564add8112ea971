/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subjects that this process does alone while the target waits. Each copies one
 * message and returns how many bytes it copied, or -1 with errno.
 */
#ifndef FASTIPC_CALLS_H
#define FASTIPC_CALLS_H

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel-copy.h"
#include "transfer.h"

/* @file: /proc/PID/mem, for those that need it */
typedef long copy_range(const struct transfer *transfer, int file, unsigned char *remote,
			unsigned char *buffer);

/*
 * For calls that take one range. Inlined, so that nothing is called indirectly, and without
 * a loop where there is one range: a byte is copied in so few instructions that it would show.
 */
static inline __attribute__((always_inline)) long
copy_each_range(const struct transfer *transfer, int file, unsigned char *remote, copy_range *copy)
{
	if (__builtin_expect(transfer->ranges == 1, 1))
		return copy(transfer, file, remote, transfer->buffer);
	for (size_t i = 0; i < transfer->ranges; i++) {
		long copied = copy(transfer, file, remote + i * RANGE_STRIDE,
				   transfer->buffer + i * transfer->length);

		if (copied != (long)transfer->length)
			return copied < 0 ? copied : (long)(i * transfer->length) + copied;
	}
	return transfer->bytes;
}

static long copy_nothing(const struct transfer *transfer)
{
	return transfer->bytes;
}

static inline long floor_range(const struct transfer *transfer,
			       int file __attribute__((unused)), unsigned char *own,
			       unsigned char *buffer)
{
	kernel_copy(buffer, own, transfer->length);
	return transfer->length;
}

static long copy_floor(const struct transfer *transfer)
{
	return copy_each_range(transfer, -1, transfer->own, floor_range);
}

static inline long copy_process_range(const struct transfer *transfer,
				      int file __attribute__((unused)), unsigned char *remote,
				      unsigned char *buffer)
{
	return syscall(transfer->number, transfer->pid, remote, transfer->length, buffer, 0L);
}

/* copy_from_process() and copy_to_process() differ in nothing but the number. */
static long call_copy_process(const struct transfer *transfer)
{
	return copy_each_range(transfer, -1, transfer->remote, copy_process_range);
}

/* Not inlined: the array, which few calls need, would make a frame for all of them. */
static __attribute__((noinline)) long call_process_vm_ranges(const struct transfer *transfer)
{
	struct iovec local = { transfer->buffer, transfer->bytes };
	struct iovec remote[RANGES_MAXIMUM];

	fill_ranges(transfer, remote);
	return syscall(transfer->number, transfer->pid, &local, 1L, remote, transfer->ranges, 0L);
}

/*
 * process_vm_readv() and process_vm_writev() too. What a program has is addresses and
 * lengths, so making the iovecs of them is a part of each call.
 */
static long call_process_vm(const struct transfer *transfer)
{
	struct iovec local = { transfer->buffer, transfer->bytes };
	struct iovec remote = { transfer->remote, transfer->bytes };

	if (__builtin_expect(transfer->ranges != 1, 0))
		return call_process_vm_ranges(transfer);
	return syscall(transfer->number, transfer->pid, &local, 1L, &remote, 1L, 0L);
}

static inline long read_range(const struct transfer *transfer, int file, unsigned char *remote,
			      unsigned char *buffer)
{
	return pread(file, buffer, transfer->length, (off_t)remote);
}

static inline long write_range(const struct transfer *transfer, int file, unsigned char *remote,
			       unsigned char *buffer)
{
	return pwrite(file, buffer, transfer->length, (off_t)remote);
}

static long read_memory_file(const struct transfer *transfer)
{
	return copy_each_range(transfer, transfer->memory_file, transfer->remote, read_range);
}

static long write_memory_file(const struct transfer *transfer)
{
	return copy_each_range(transfer, transfer->memory_file, transfer->remote, write_range);
}

static inline __attribute__((always_inline)) long
with_open_file(const struct transfer *transfer, int access, copy_range *copy)
{
	int file = open(transfer->memory_path, access | O_CLOEXEC);
	long copied;

	if (file < 0)
		return -1;
	copied = copy_each_range(transfer, file, transfer->remote, copy);
	return close(file) < 0 ? -1 : copied;
}

static long open_and_read(const struct transfer *transfer)
{
	return with_open_file(transfer, O_RDONLY, read_range);
}

static long open_and_write(const struct transfer *transfer)
{
	return with_open_file(transfer, O_WRONLY, write_range);
}

#endif
