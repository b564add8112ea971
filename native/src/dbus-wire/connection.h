/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection to a bus, without a library. What goes wrong ends the program with a message. */
#ifndef FASTIPC_DBUS_WIRE_CONNECTION_H
#define FASTIPC_DBUS_WIRE_CONNECTION_H

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../dbus-preload/convert.h"
#include "message.h"

static inline void send_all(int fd, const struct message *message)
{
	for (size_t sent = 0; sent < message->length;) {
		ssize_t result = send(fd, message->data + sent, message->length - sent, MSG_NOSIGNAL);

		if (result < 0)
			err(1, "send");
		sent += result;
	}
}

/* A socket may be one that another process has made non-blocking. */
static inline bool can_wait(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return errno == EAGAIN && poll(&poll_fd, 1, -1) == 1;
}

static inline void receive_bytes(int fd, uint8_t *data, size_t length)
{
	while (length) {
		ssize_t result = recv(fd, data, length, MSG_WAITALL);

		if (result < 0 && can_wait(fd))
			continue;
		if (result < 0)
			err(1, "recv");
		if (!result)
			errx(1, "the other end closed the connection");
		data += result;
		length -= result;
	}
}

static inline void receive(int fd, struct message *message)
{
	size_t length;

	receive_bytes(fd, message->data, 16);
	length = body_offset(message) + get_u32(message->data + 4);
	if (length > LARGEST)
		errx(1, "a message of %zu bytes came", length);
	receive_bytes(fd, message->data + 16, length - 16);
	message->length = length;
}

/* Others are what the daemon tells everybody. */
static inline void receive_type(int fd, struct message *message, uint8_t type)
{
	do
		receive(fd, message);
	while (message->data[1] != type);
}

static inline void fill_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		errx(1, "%s is too long for an address", path);
	strcpy(address->sun_path, path);
}

/* @converted: on AF_DBUS, else on AF_UNIX */
static inline int open_connection(const char *path, bool converted)
{
	struct sockaddr_un address;
	int fd;

	fill_address(&address, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || (converted && !convert(fd, "connect", path)))
		err(1, "a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "connect %s", path);
	return fd;
}

/* A uid in hexadecimal digits of its decimal ones: root's */
static inline void begin_authentication(int fd)
{
	if (send(fd, "\0AUTH EXTERNAL 30\r\n", 19, MSG_NOSIGNAL) != 19)
		err(1, "authenticate");
}

static inline void finish_authentication(int fd)
{
	static const char begin_line[] = "BEGIN\r\n";
	char line[64];

	if (recv(fd, line, sizeof(line), 0) < 3 || memcmp(line, "OK ", 3) ||
	    send(fd, begin_line, sizeof(begin_line) - 1, MSG_NOSIGNAL) < 0)
		errx(1, "the daemon didn't say OK to root");
}

static inline int connect_to_bus(const char *path, bool converted)
{
	int fd = open_connection(path, converted);

	begin_authentication(fd);
	finish_authentication(fd);
	return fd;
}

/* @name: an argument of RequestName */
static inline void send_driver_call(int fd, struct message *message, uint32_t serial,
				    const char *member, const char *name)
{
	size_t body;

	begin_call(message, DRIVER, DRIVER, member, name ? "su" : NULL);
	body = finish_header(message);
	if (name) {
		put_string(message, name);
		put_u32(message, 0);
	}
	finish_body(message, body);
	set_serial(message, serial);
	send_all(fd, message);
}

/* Calls the driver and leaves its answer in @message. */
static inline void call_driver(int fd, struct message *message, uint32_t serial,
			       const char *member, const char *name)
{
	send_driver_call(fd, message, serial, member, name);
	receive_type(fd, message, METHOD_RETURN);
}

static inline void send_hello(int fd, struct message *message)
{
	send_driver_call(fd, message, 1, "Hello", NULL);
}

/* Reads the unique name that answers Hello. */
static inline void receive_name(int fd, struct message *message, char name[NAME_SIZE])
{
	size_t body, length;

	receive_type(fd, message, METHOD_RETURN);
	body = body_offset(message);
	length = get_u32(message->data + body);
	if (length >= NAME_SIZE || body + 4 + length >= message->length)
		errx(1, "the daemon gave a name of %zu bytes", length);
	memcpy(name, message->data + body + 4, length + 1);
}

/* Says Hello, with the serial 1, and reads the unique name. */
static inline void say_hello(int fd, struct message *message, char name[NAME_SIZE])
{
	send_hello(fd, message);
	receive_name(fd, message, name);
}

#endif
