/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of D-Bus in this machine's byte order, with what little a client of ours says */
#ifndef FASTIPC_DBUS_WIRE_MESSAGE_H
#define FASTIPC_DBUS_WIRE_MESSAGE_H

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DRIVER		"org.freedesktop.DBus"
#define NAME_SIZE	64
#define LARGEST		(4 << 20)

enum { METHOD_CALL = 1, METHOD_RETURN, ERROR, SIGNAL };
enum { PATH = 1, INTERFACE, MEMBER, REPLY_SERIAL = 5, DESTINATION, SENDER, SIGNATURE };

struct message {
	size_t length;
	uint8_t data[LARGEST];
};

static inline void align(struct message *message, size_t alignment)
{
	while (message->length % alignment)
		message->data[message->length++] = 0;
}

static inline void put_u32(struct message *message, uint32_t value)
{
	align(message, 4);
	memcpy(message->data + message->length, &value, 4);
	message->length += 4;
}

static inline void put_string(struct message *message, const char *value)
{
	put_u32(message, strlen(value));
	memcpy(message->data + message->length, value, strlen(value) + 1);
	message->length += strlen(value) + 1;
}

/* An array of bytes, whatever they are */
static inline void put_bytes(struct message *message, size_t count)
{
	put_u32(message, count);
	memset(message->data + message->length, 'x', count);
	message->length += count;
}

static inline void put_field(struct message *message, uint8_t code, char type, const char *value)
{
	const uint8_t head[] = { code, 1, type, 0 };
	size_t length = strlen(value);

	align(message, 8);
	memcpy(message->data + message->length, head, 4);
	message->length += 4;
	if (type == 'g')
		message->data[message->length++] = length;
	else
		put_u32(message, length);
	memcpy(message->data + message->length, value, length + 1);
	message->length += length + 1;
}

static inline void put_reply_serial(struct message *message, uint32_t serial)
{
	const uint8_t head[] = { REPLY_SERIAL, 1, 'u', 0 };

	align(message, 8);
	memcpy(message->data + message->length, head, 4);
	message->length += 4;
	put_u32(message, serial);
}

static inline void set_serial(struct message *message, uint32_t serial)
{
	memcpy(message->data + 8, &serial, 4);
}

static inline void begin(struct message *message, uint8_t type, uint32_t serial)
{
	const uint8_t fixed[] = { 'l', type, 0, 1, 0, 0, 0, 0 };

	memcpy(message->data, fixed, 8);
	set_serial(message, serial);
	message->length = 16;
}

/* Ends the header. The body comes next, and finish_body() after it. */
static inline size_t finish_header(struct message *message)
{
	uint32_t fields = message->length - 16;

	memcpy(message->data + 12, &fields, 4);
	align(message, 8);
	return message->length;
}

static inline void finish_body(struct message *message, size_t body)
{
	uint32_t length = message->length - body;

	memcpy(message->data + 4, &length, 4);
}

/* The header of a call but for its end, with the serial 0 */
static inline void begin_call(struct message *message, const char *destination,
			      const char *interface, const char *member, const char *signature)
{
	begin(message, METHOD_CALL, 0);
	put_field(message, PATH, 'o', "/org/example/Object");
	put_field(message, INTERFACE, 's', interface);
	put_field(message, MEMBER, 's', member);
	put_field(message, DESTINATION, 's', destination);
	if (signature)
		put_field(message, SIGNATURE, 'g', signature);
}

static inline uint32_t get_u32(const uint8_t *data)
{
	uint32_t value;

	memcpy(&value, data, 4);
	return value;
}

/* Where the body begins */
static inline size_t body_offset(const struct message *message)
{
	return (16 + get_u32(message->data + 12) + 7) & ~7ul;
}

/* The sender's name, which the daemon puts into each message */
static inline void find_sender(const struct message *message, char name[NAME_SIZE])
{
	size_t end = 16 + get_u32(message->data + 12);
	size_t at = 16, length;

	while (at < end) {
		uint8_t code, type;

		at = (at + 7) & ~7ul;
		code = message->data[at];
		type = message->data[at + 2];
		at += 4;
		length = type == 'u' ? 4 : type == 'g' ? message->data[at] + 2u :
							 get_u32(message->data + at) + 5u;
		if (code == SENDER && length - 5 < NAME_SIZE) {
			memcpy(name, message->data + at + 4, length - 4);
			return;
		}
		at += length;
	}
	errx(1, "a message came without its sender");
}

#endif
