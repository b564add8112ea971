/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that are missing until somebody says so (userfaultfd): who touches one waits, in
 * the middle of whatever it does.
 */
#ifndef FASTIPC_RACES_FAULTS_H
#define FASTIPC_RACES_FAULTS_H

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "targets.h"

/* Makes the page at @address one whose first touch, of this process or a copy, waits. */
static int make_page_wait(unsigned char *address)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = {
		.range = { (uintptr_t)address, PAGE_BYTES },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		fail("userfaultfd: %s; needs root and CONFIG_USERFAULTFD", error_words(errno));
	advise(address, PAGE_BYTES, MADV_DONTNEED);
	if (ioctl(fd, UFFDIO_REGISTER, &missing) < 0)
		fail("UFFDIO_REGISTER: %s", error_words(errno));
	return fd;
}

/* Returns when somebody waits. */
static void await_fault(int fd)
{
	struct uffd_msg message;

	if (read(fd, &message, sizeof(message)) != sizeof(message))
		fail("reading from a userfaultfd: %s", error_words(errno));
	if (message.event != UFFD_EVENT_PAGEFAULT)
		fail("a userfaultfd told of event 0x%x", message.event);
}

/* Puts a page there and lets who waits for it go on. */
static void answer_fault(int fd, unsigned char *address, const unsigned char *content)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)address, .src = (uintptr_t)content, .len = PAGE_BYTES,
	};

	if (ioctl(fd, UFFDIO_COPY, &copy) < 0)
		fail("UFFDIO_COPY: %s", error_words(errno));
}

#endif
