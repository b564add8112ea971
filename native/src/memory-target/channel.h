/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The line protocol: a request is one line of words, the answer is one line that
 * begins with "ok" or "error ERRNO". Numbers are C constants (0x for hexadecimal).
 */
#ifndef FASTIPC_CHANNEL_H
#define FASTIPC_CHANNEL_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_LENGTH_MAXIMUM 16384

struct channel {
	int in;
	int out;
	size_t used;
	char line[LINE_LENGTH_MAXIMUM];
};

/*
 * Waits for a request, without its newline, in channel->line. There is at most one
 * on its way: the next isn't sent before this one's answer has been read.
 * False at the end of the input.
 */
static inline bool channel_read(struct channel *channel)
{
	channel->used = 0;
	while (channel->used < sizeof(channel->line)) {
		ssize_t got = read(channel->in, channel->line + channel->used,
				   sizeof(channel->line) - channel->used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		channel->used += got;
		if (channel->line[channel->used - 1] == '\n') {
			channel->line[channel->used - 1] = '\0';
			return true;
		}
	}
	return false;
}

/* Writes a whole line; a reader that went away ends this process. */
static inline void channel_write(int out, const char *line, size_t length)
{
	while (length) {
		ssize_t put = write(out, line, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			_exit(1);
		line += put;
		length -= put;
	}
}

static inline __attribute__((format(printf, 2, 3)))
void channel_answer(struct channel *channel, const char *format, ...)
{
	char line[LINE_LENGTH_MAXIMUM];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(line) - 1)
		length = snprintf(line, sizeof(line) - 1, "error %d answer too long", EMSGSIZE);
	line[length++] = '\n';
	channel_write(channel->out, line, length);
}

/* Says that @what failed, with errno. */
static inline void channel_fail(struct channel *channel, const char *what)
{
	int error = errno;

	channel_answer(channel, "error %d %s: %s", error, what, strerror(error));
}

#endif
