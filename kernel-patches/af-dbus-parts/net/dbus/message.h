/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a D-Bus message says, and whether it is valid.
 */
#ifndef _NET_DBUS_MESSAGE_H
#define _NET_DBUS_MESSAGE_H

#include <linux/bits.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* The bytes that every message begins with, which tell how long it is. */
#define DBUS_FIXED_HEADER_LENGTH	16

/* The longest array, that of the header's fields too, and the longest message. */
#define DBUS_ARRAY_LENGTH_MAX		SZ_64M
#define DBUS_MESSAGE_LENGTH_MAX		SZ_128M

/* Other types than these are valid, and to be ignored. */
enum dbus_message_type {
	DBUS_MESSAGE_INVALID,
	DBUS_MESSAGE_METHOD_CALL,
	DBUS_MESSAGE_METHOD_RETURN,
	DBUS_MESSAGE_ERROR,
	DBUS_MESSAGE_SIGNAL,
};

/* Other flags than these are valid, and to be ignored. */
#define DBUS_FLAG_NO_REPLY_EXPECTED	BIT(0)
#define DBUS_FLAG_NO_AUTO_START		BIT(1)
#define DBUS_FLAG_INTERACTIVE		BIT(2)

/* The codes of the header's fields. Those above are valid, and to be ignored. */
enum dbus_field {
	DBUS_FIELD_INVALID,
	DBUS_FIELD_PATH,
	DBUS_FIELD_INTERFACE,
	DBUS_FIELD_MEMBER,
	DBUS_FIELD_ERROR_NAME,
	DBUS_FIELD_REPLY_SERIAL,
	DBUS_FIELD_DESTINATION,
	DBUS_FIELD_SENDER,
	DBUS_FIELD_SIGNATURE,
	DBUS_FIELD_UNIX_FDS,
	DBUS_FIELD_CONTAINER_INSTANCE,
	DBUS_FIELD_COUNT
};

/**
 * struct dbus_frame - what the first 16 bytes tell about a message's extent
 * @header_length: bytes of the header with the padding after it, a multiple of 8
 * @body_length: bytes of the body
 * @message_length: bytes of both
 * @fields_end: where the header's fields end and its padding begins
 * @big_endian: whether all numbers of the message are
 */
struct dbus_frame {
	u32 header_length;
	u32 body_length;
	u32 message_length;
	u32 fields_end;
	bool big_endian;
};

/**
 * struct dbus_text - a part of a message
 * @offset: its first byte, counted from the beginning of the message
 * @length: its bytes, without the NUL that follows in the message
 */
struct dbus_text {
	u32 offset;
	u32 length;
};

/**
 * struct dbus_message - what the header tells about a message
 * @frame: its extent and its byte order
 * @type: an enum dbus_message_type, or a type that is to be ignored
 * @flags: DBUS_FLAG_*, and flags that are to be ignored
 * @version: of the protocol, 1
 * @unknown_field: whether there is a field of a code that isn't in enum dbus_field
 * @fields: a bit for each enum dbus_field that is present
 * @serial: the sender's number of the message, not 0
 * @reply_serial: the number of the message that this one answers, 0 if it answers none
 * @unix_fds: how many file descriptors the message says come with it
 * @text: the fields that are present, but for REPLY_SERIAL and UNIX_FDS
 */
struct dbus_message {
	struct dbus_frame frame;
	u8 type;
	u8 flags;
	u8 version;
	bool unknown_field;
	u32 fields;
	u32 serial;
	u32 reply_serial;
	u32 unix_fds;
	struct dbus_text text[DBUS_FIELD_COUNT];
};

int dbus_frame_read(struct dbus_frame *frame, const u8 *data);
int dbus_message_read_header(struct dbus_message *message, const u8 *data, size_t length);
int dbus_message_check_body(const struct dbus_message *message, const u8 *data, size_t length);
int dbus_message_read(struct dbus_message *message, const u8 *data, size_t length,
		      unsigned int unix_fds);

bool dbus_message_get_string(const struct dbus_message *message, const u8 *data,
			     unsigned int index, struct dbus_text *string);
bool dbus_message_get_u32(const struct dbus_message *message, const u8 *data,
			  unsigned int index, u32 *value);
bool dbus_message_get_strings(const struct dbus_message *message, const u8 *data,
			      unsigned int index, struct dbus_text *strings);
bool dbus_strings_next(const struct dbus_message *message, const u8 *data,
		       struct dbus_text *strings, struct dbus_text *string);

bool dbus_text_equals(const u8 *data, const struct dbus_text *text, const char *string);

/**
 * dbus_message_has() - whether a field is present in a message's header
 * @message: the message
 * @field: the field
 *
 * Return: true if it is, with an empty value too.
 */
static inline bool dbus_message_has(const struct dbus_message *message, enum dbus_field field)
{
	return message->fields & BIT(field);
}

#endif /* _NET_DBUS_MESSAGE_H */
