/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests about userfaultfd(2): faults that wait until somebody in user space resolves
 * them, step by step as a test asks, or by a thread as they come.
 */
#ifndef FASTIPC_USERFAULTS_H
#define FASTIPC_USERFAULTS_H

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pattern.h"
#include "request.h"

/* Newer than the headers that programs are compiled with. */
#ifndef UFFDIO_RWPROTECT
struct uffdio_rwprotect {
	struct uffdio_range range;
	__u64 mode;
};
#define UFFDIO_RWPROTECT _IOWR(UFFDIO, 0x09, struct uffdio_rwprotect)
#define UFFDIO_RWPROTECT_MODE_RWP ((__u64)1 << 0)
#endif

/* What a thread that resolves faults needs to know; it never ends, and so keeps it. */
struct userfault_server {
	int fd;
	unsigned long base;
	uint32_t seed;
};

static void do_userfault(struct request *request)
{
	struct uffdio_api api = { .api = UFFD_API, .features = request->number[3] };
	struct uffdio_register range = {
		.range = { .start = request->number[0], .len = request->number[1] },
		.mode = request->number[2],
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return channel_fail(request->channel, "userfaultfd");
	if (ioctl(fd, UFFDIO_API, &api))
		return channel_fail(request->channel, "UFFDIO_API");
	if (ioctl(fd, UFFDIO_REGISTER, &range))
		return channel_fail(request->channel, "UFFDIO_REGISTER");
	answer_descriptor(request, fd, "userfaultfd");
}

/* Waits for a fault; false if there can be none any more. */
static inline bool userfault_next(int fd, struct uffd_msg *message)
{
	ssize_t got;

	do {
		got = read(fd, message, sizeof(*message));
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	return got == sizeof(*message) && message->event == UFFD_EVENT_PAGEFAULT;
}

static void do_userfault_wait(struct request *request)
{
	struct uffd_msg message;

	if (!userfault_next((int)request->number[0], &message))
		return channel_fail(request->channel, "no page fault");
	channel_answer(request->channel, "ok 0x%llx %llu", message.arg.pagefault.address,
		       message.arg.pagefault.flags);
}

/* The pattern from @offset on, as whole pages at @address of the memory that @fd is about. */
static inline int userfault_copy(int fd, unsigned long address, size_t length, uint32_t seed,
				 size_t offset)
{
	unsigned char *pages = mmap(NULL, offset + length, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_copy copy = {
		.dst = address, .src = (unsigned long)pages + offset, .len = length,
	};
	int status;

	if (pages == MAP_FAILED)
		return -1;
	pattern_fill(pages, offset + length, seed);
	status = ioctl(fd, UFFDIO_COPY, &copy);
	munmap(pages, offset + length);
	return status;
}

static void do_userfault_copy(struct request *request)
{
	const unsigned long *a = request->number;

	answer_status(request, userfault_copy((int)a[0], a[1], a[2], a[3], 0), "UFFDIO_COPY");
}

static inline int userfault_protect_write(int fd, unsigned long address, size_t length, bool protect)
{
	struct uffdio_writeprotect range = {
		.range = { .start = address, .len = length },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ioctl(fd, UFFDIO_WRITEPROTECT, &range);
}

static inline int userfault_protect_access(int fd, unsigned long address, size_t length)
{
	struct uffdio_rwprotect range = {
		.range = { .start = address, .len = length },
		.mode = UFFDIO_RWPROTECT_MODE_RWP,
	};

	return ioctl(fd, UFFDIO_RWPROTECT, &range);
}

/* Lifts whichever protection the memory was registered for. */
static inline int userfault_unprotect(int fd, unsigned long address, size_t length)
{
	struct uffdio_rwprotect range = { .range = { .start = address, .len = length } };

	if (!userfault_protect_write(fd, address, length, false))
		return 0;
	return ioctl(fd, UFFDIO_RWPROTECT, &range);
}

static void do_userfault_protect(struct request *request)
{
	unsigned long address = request->number[1], length = request->number[2];
	const char *from = request->word[3];
	int fd = (int)request->number[0];

	if (!strcmp(from, "write"))
		answer_status(request, userfault_protect_write(fd, address, length, true),
			      "UFFDIO_WRITEPROTECT");
	else if (!strcmp(from, "access"))
		answer_status(request, userfault_protect_access(fd, address, length),
			      "UFFDIO_RWPROTECT");
	else if (!strcmp(from, "none"))
		answer_status(request, userfault_unprotect(fd, address, length),
			      "UFFDIO_WRITEPROTECT and UFFDIO_RWPROTECT");
	else
		answer_unknown(request, "userfault-protect");
}

static void *userfault_serve(void *argument)
{
	struct userfault_server *server = argument;
	struct uffd_msg message;

	while (userfault_next(server->fd, &message)) {
		unsigned long page = message.arg.pagefault.address & -page_size;

		if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP)
			userfault_unprotect(server->fd, page, page_size);
		else
			userfault_copy(server->fd, page, page_size, server->seed,
				       page - server->base);
	}
	free(server);
	return NULL;
}

static void do_userfault_serve(struct request *request)
{
	struct userfault_server *server = malloc(sizeof(*server));
	pthread_t thread;

	if (!server)
		return channel_fail(request->channel, "malloc");
	*server = (struct userfault_server){
		.fd = (int)request->number[0], .base = request->number[1],
		.seed = request->number[2],
	};
	errno = pthread_create(&thread, NULL, userfault_serve, server);
	if (errno)
		return channel_fail(request->channel, "pthread_create");
	pthread_detach(thread);
	channel_answer(request->channel, "ok");
}

#endif
