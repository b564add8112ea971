// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops to be timed behind one FFI call.
 *
 * An FFI call costs microseconds and the system calls measured here a fraction
 * of one, so the loop has to be in C. All loops take the same arguments, in the
 * order of the system calls that they are about:
 *
 *	number		system call number (they differ between kernel trees)
 *	iterations	how often to call
 *	pid		the process copied from or to
 *	address		where in that process
 *	length		bytes per call
 *	buffer		the caller's memory, at least length bytes
 *	result		filled in
 *
 * and ignore those that they have no use for. Each calls once before the clock
 * starts, so that neither page faults of the first touch nor the dynamic linker
 * are in the figure, and stops at the first call that failed or fell short.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Read by measure-loop.ts as four 64-bit words in this order. */
struct timing_result {
	int64_t nanoseconds;	/* of all iterations together, CLOCK_MONOTONIC */
	int64_t iterations;	/* completed */
	int64_t returned;	/* by the last call */
	int64_t error;		/* errno where it returned -1, else 0 */
};

_Static_assert(sizeof(struct timing_result) == 4 * sizeof(int64_t), "no hole");

#define TIMING_LOOP(name)						\
	void name(long number, long iterations, long pid,		\
		  unsigned long address, unsigned long length,		\
		  void *buffer, struct timing_result *result);		\
	void name(long number __attribute__((unused)),			\
		  long iterations,					\
		  long pid __attribute__((unused)),			\
		  unsigned long address __attribute__((unused)),	\
		  unsigned long length __attribute__((unused)),		\
		  void *buffer __attribute__((unused)),			\
		  struct timing_result *result)

static inline int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* The compiler must neither drop an iteration nor merge two. */
static inline void barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

/*
 * A macro, not a function taking a pointer: an indirect call in each iteration
 * would be measured too.
 */
#define MEASURE(call, is_complete) do {					\
	int64_t done = 0, started;					\
	long returned = (call);						\
									\
	started = now();						\
	if (is_complete(returned)) {					\
		for (; done < iterations; done++) {			\
			returned = (call);				\
			barrier();					\
			if (__builtin_expect(!is_complete(returned), 0))\
				break;					\
		}							\
	}								\
	result->error = returned == -1 ? errno : 0;			\
	result->nanoseconds = now() - started;				\
	result->iterations = done;					\
	result->returned = returned;					\
} while (0)

#define copied_everything(returned) ((unsigned long)(returned) == length)
#define always(returned) 1

/* What the loop itself costs: a counter, a comparison and a jump. */
TIMING_LOOP(time_empty_loop)
{
	MEASURE(0, always);
}

/* The cheapest system call there is: the price of entering the kernel. */
TIMING_LOOP(time_getppid)
{
	MEASURE(syscall(number), always);
}

static inline long copy_memory(void *to, const void *from, unsigned long length)
{
	memcpy(to, from, length);
	return length;
}

/* The floor: the same bytes, copied within the caller's own memory. */
TIMING_LOOP(time_memcpy)
{
	MEASURE(copy_memory(buffer, (const void *)address, length),
		copied_everything);
}

TIMING_LOOP(time_copy_from_process)
{
	MEASURE(syscall(number, pid, address, length, buffer, 0L),
		copied_everything);
}

TIMING_LOOP(time_copy_to_process)
{
	MEASURE(syscall(number, pid, address, length, buffer, 0L),
		copied_everything);
}

TIMING_LOOP(time_process_vm_readv)
{
	struct iovec local = { .iov_base = buffer, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)address, .iov_len = length };

	MEASURE(syscall(number, pid, &local, 1L, &remote, 1L, 0L),
		copied_everything);
}

TIMING_LOOP(time_process_vm_writev)
{
	struct iovec local = { .iov_base = buffer, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)address, .iov_len = length };

	MEASURE(syscall(number, pid, &local, 1L, &remote, 1L, 0L),
		copied_everything);
}
