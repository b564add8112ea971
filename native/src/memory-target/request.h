/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request as those see it who carry it out, and what most of them need.
 */
#ifndef FASTIPC_REQUEST_H
#define FASTIPC_REQUEST_H

#include <stdbool.h>
#include <sys/mman.h>

#include "channel.h"

#define ARGUMENTS_MAXIMUM 10

/* A request's words; those that the table calls numbers are in number[] as well. */
struct request {
	struct channel *channel;
	char *word[ARGUMENTS_MAXIMUM];
	unsigned long number[ARGUMENTS_MAXIMUM];
};

/* x86-64 has no other; pattern.ts and the tests count on it too. */
static const long page_size = 4096;

static inline void *pointer(unsigned long address)
{
	return (void *)address;
}

static inline void answer_status(struct request *request, long status, const char *what)
{
	if (status < 0)
		channel_fail(request->channel, what);
	else
		channel_answer(request->channel, "ok");
}

static inline void answer_descriptor(struct request *request, int fd, const char *what)
{
	if (fd < 0)
		channel_fail(request->channel, what);
	else
		channel_answer(request->channel, "ok %d", fd);
}

static inline void answer_address(struct request *request, const void *address, const char *what)
{
	if (address == MAP_FAILED)
		channel_fail(request->channel, what);
	else
		channel_answer(request->channel, "ok %p", address);
}

/* A word that none of a request's choices is. */
static inline void answer_unknown(struct request *request, const char *what)
{
	errno = EINVAL;
	channel_fail(request->channel, what);
}

/* "rw", "r", "x", "none" */
static inline int protection(const char *text)
{
	int bits = PROT_NONE;

	if (!strcmp(text, "none"))
		return bits;
	for (; *text; text++)
		bits |= *text == 'r' ? PROT_READ : *text == 'w' ? PROT_WRITE : PROT_EXEC;
	return bits;
}

#endif
