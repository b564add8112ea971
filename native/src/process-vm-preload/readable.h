/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading memory that the program says is there. It may not be, or not any more: then the
 * old call has to say EFAULT, and the program must not end by SIGSEGV.
 *
 * Nearly every array of iovecs is a local variable of the caller's. What lies between the
 * frame that is running and the top of the main stack is readable for certain. Anything
 * else is read through the kernel: out of this process, by the call that is used anyhow.
 */
#ifndef FASTIPC_READABLE_H
#define FASTIPC_READABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* include/uapi/linux/cross_memory.h and pidfd.h of a patched kernel */
#define COPY_PROCESS_PIDFD 1
#define PIDFD_SELF_THREAD -10000

/*
 * The kernel maps nothing so close below the main stack's top, so that whoever runs there
 * runs on that stack.
 */
#define MAIN_STACK_BYTES ((uintptr_t)8 << 20)

/* The top of the main stack, above all frames; 0 until it is known. */
static uintptr_t main_stack_top;

/* @frame: the frame address of a function that is running */
static inline bool is_on_main_stack(const void *memory, size_t length, const void *frame)
{
	uintptr_t start = (uintptr_t)memory, lowest = (uintptr_t)frame;

	return lowest < main_stack_top && lowest >= main_stack_top - MAIN_STACK_BYTES &&
	       start >= lowest && start <= main_stack_top && length <= main_stack_top - start;
}

/* Copies memory of this process, of which it isn't sure that it can be read. */
static inline bool read_memory(void *to, const void *from, size_t length, long copy_from_process)
{
	if (is_on_main_stack(from, length, __builtin_frame_address(0))) {
		memcpy(to, from, length);
		return true;
	}
	return syscall(copy_from_process, PIDFD_SELF_THREAD, from, length, to,
		       COPY_PROCESS_PIDFD) == (long)length;
}

#endif
