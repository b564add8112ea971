// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: programs that call process_vm_readv() and process_vm_writev() get
 * copy_from_process() and copy_to_process(), and see no difference in the result.
 *
 * A call is made for each piece that is contiguous on both sides. What the new calls can't
 * say goes to the old ones: flags, nothing to copy, segments or arrays of them that the old
 * call may refuse (what it refuses, and with which errno, is its own business). So does
 * everything once a new call gave ENOSYS, and where no numbers are known.
 *
 * What it can't keep: the pieces of one call are calls of their own, so that of a target
 * which executes another program meanwhile, later pieces are that one's.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>

#include "process-vm-preload/counts.h"
#include "process-vm-preload/numbers.h"
#include "process-vm-preload/side.h"

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long local_count,
			 const struct iovec *remote, unsigned long remote_count,
			 unsigned long flags);
ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long local_count,
			  const struct iovec *remote, unsigned long remote_count,
			  unsigned long flags);

/* The arguments that both old calls have. */
struct request {
	pid_t pid;
	const struct iovec *local;
	unsigned long local_count;
	const struct iovec *remote;
	unsigned long remote_count;
	unsigned long flags;
};

/* One direction: the old call, and the new one that does its work. */
struct direction {
	enum counted_call old_call, new_call;
	long old_number;
};

static const struct direction reading = {
	PROCESS_VM_READV, COPY_FROM_PROCESS, SYS_process_vm_readv,
};
static const struct direction writing = {
	PROCESS_VM_WRITEV, COPY_TO_PROCESS, SYS_process_vm_writev,
};

static struct copy_numbers numbers = { .from = -1, .to = -1 };

/* Set for good when the kernel turns out not to have the new calls. */
static bool only_old_calls = true;

/* No more than so much is copied by one old call: the kernel's MAX_RW_COUNT. */
static size_t most_bytes;

/* Every frame is below the arguments of main(), which the kernel put on the main stack. */
static void __attribute__((constructor)) begin(int argc __attribute__((unused)), char **arguments)
{
	main_stack_top = (uintptr_t)arguments;
	most_bytes = INT_MAX & ~(sysconf(_SC_PAGESIZE) - 1);
	numbers = read_copy_numbers();
	only_old_calls = numbers.from < 0;
	pthread_atfork(NULL, NULL, forget_counts);
}

static void __attribute__((destructor)) end(void)
{
	write_counts();
}

static ssize_t ask_old_call(const struct direction *direction, const struct request *request)
{
	long copied = syscall(direction->old_number, request->pid, request->local,
			      request->local_count, request->remote, request->remote_count,
			      request->flags);

	count_call(direction->old_call, copied);
	return copied;
}

/*
 * Copies pieces until @wanted bytes are copied, a side ends or a call fails, the errno of
 * which is then in @error. A short count may be due to a signal, so that only an error
 * tells that it doesn't go on.
 */
static size_t copy_pieces(const struct direction *direction, pid_t pid, struct side *local,
			  struct side *remote, size_t wanted, int *error)
{
	long number = direction == &reading ? numbers.from : numbers.to;
	size_t copied = 0;

	while (copied < wanted) {
		char *buffer = NULL, *address = NULL;
		size_t length = side_next(local, &buffer);
		size_t remote_length = side_next(remote, &address);
		long result;

		if (length > remote_length)
			length = remote_length;
		if (length > wanted - copied)
			length = wanted - copied;
		if (!length)
			break;
		result = syscall(number, pid, address, length, buffer, 0);
		count_call(direction->new_call, result);
		if (result <= 0) {
			*error = result < 0 ? errno : EFAULT;
			break;
		}
		local->done += result;
		remote->done += result;
		copied += result;
	}
	return copied;
}

/* Does the old call's work; false if that has to be done by the old call. */
static bool copy_by_new_call(const struct direction *direction, const struct request *request,
			     ssize_t *copied, int *error)
{
	struct side local = { .vector = request->local, .count = request->local_count,
			      .copy_from_process = numbers.from };
	struct side remote = { .vector = request->remote, .count = request->remote_count,
			       .copy_from_process = numbers.from };
	size_t wanted;

	if (request->flags || local.count > SEGMENTS_MAXIMUM || remote.count > SEGMENTS_MAXIMUM)
		return false;
	wanted = side_survey(&local, true);
	if (!wanted || !side_survey(&remote, false))
		return false;
	if (wanted > most_bytes)
		wanted = most_bytes;
	*error = 0;
	*copied = copy_pieces(direction, request->pid, &local, &remote, wanted, error);
	if (*copied)
		return true;
	if (*error == ENOSYS)
		__atomic_store_n(&only_old_calls, true, __ATOMIC_RELAXED);
	*copied = -1;
	/*
	 * These two mean the same in both calls. Anything else may come from a filter of
	 * system calls that doesn't know the new ones, such as EPERM of a container's.
	 */
	return *error == EFAULT || *error == ESRCH;
}

static ssize_t transfer(const struct direction *direction, const struct request *request)
{
	int former_error = errno, error;
	ssize_t copied;

	if (__atomic_load_n(&only_old_calls, __ATOMIC_RELAXED) ||
	    !copy_by_new_call(direction, request, &copied, &error)) {
		errno = former_error;
		return ask_old_call(direction, request);
	}
	/* A success leaves errno alone, as the old call's does. */
	errno = copied < 0 ? error : former_error;
	return copied;
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long local_count,
			 const struct iovec *remote, unsigned long remote_count,
			 unsigned long flags)
{
	struct request request = { pid, local, local_count, remote, remote_count, flags };

	return transfer(&reading, &request);
}

ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long local_count,
			  const struct iovec *remote, unsigned long remote_count,
			  unsigned long flags)
{
	struct request request = { pid, local, local_count, remote, remote_count, flags };

	return transfer(&writing, &request);
}
