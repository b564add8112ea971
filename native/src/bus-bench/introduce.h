/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plays the daemon for a client at the other end of a socketpair until it can begin, so that then
 * two clients can have the pair: both have authenticated and, in bus mode, have a unique name.
 */
#ifndef FASTIPC_BUS_BENCH_INTRODUCE_H
#define FASTIPC_BUS_BENCH_INTRODUCE_H

#include "../dbus-wire/connection.h"

#define GUID "0123456789abcdef0123456789abcdef"

/* Reads no further than to the line's end, after which there may be messages. */
static inline void receive_line(int fd, char *line, size_t size)
{
	for (size_t length = 0; length < size; length++) {
		receive_bytes(fd, (uint8_t *)line + length, 1);
		if (line[length] == '\n' && length && line[length - 1] == '\r') {
			line[length - 1] = '\0';
			return;
		}
	}
	errx(1, "a client sent a line of more than %zu bytes to authenticate", size);
}

/* What a daemon says that takes everybody; NULL when it says nothing any more. */
static inline const char *answer_line(const char *line)
{
	if (!strcmp(line, "BEGIN"))
		return NULL;
	/* sd-bus gives its uid afterwards, libdbus at once. */
	if (!strcmp(line, "AUTH EXTERNAL"))
		return "DATA\r\n";
	if (!strncmp(line, "AUTH EXTERNAL ", 14) || !strncmp(line, "DATA", 4))
		return "OK " GUID "\r\n";
	if (!strcmp(line, "NEGOTIATE_UNIX_FD"))
		return "AGREE_UNIX_FD\r\n";
	errx(1, "a client said to authenticate: %s", line);
}

static inline void authenticate(int fd)
{
	const char *answer;
	char line[128];

	receive_bytes(fd, (uint8_t *)line, 1);
	for (;;) {
		receive_line(fd, line, sizeof(line));
		answer = answer_line(line);
		if (!answer)
			return;
		if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			err(1, "answer a client");
	}
}

static inline void answer_hello(int fd, const char *name)
{
	static struct message message;
	uint32_t serial;
	size_t body;

	receive_type(fd, &message, METHOD_CALL);
	serial = get_u32(message.data + 8);
	begin(&message, METHOD_RETURN, 1);
	put_reply_serial(&message, serial);
	put_field(&message, DESTINATION, 's', name);
	put_field(&message, SENDER, 's', DRIVER);
	put_field(&message, SIGNATURE, 'g', "s");
	body = finish_header(&message);
	put_string(&message, name);
	finish_body(&message, body);
	send_all(fd, &message);
}

/* @name: what the client is told to be called; NULL if it isn't in bus mode */
static inline void introduce(int fd, const char *name)
{
	authenticate(fd);
	if (name)
		answer_hello(fd, name);
}

#endif
