/* SPDX-License-Identifier: GPL-2.0-only */
/* What libdbus says about a message must be what the kernel's reader says. */
#ifndef FASTIPC_DBUS_COMPARE_H
#define FASTIPC_DBUS_COMPARE_H

/* Our DBUS_MESSAGE_* and DBUS_FIELD_* are an enum's, and don't clash with libdbus's names. */
#include <dbus/dbus.h>

#include "message.h"
#include "require.h"
#include "verdicts.h"
#include <linux/unaligned.h>
#include <string.h>

static inline void compare_text(const u8 *data, const struct dbus_message *message, u32 field,
				const char *expected)
{
	bool there = dbus_message_has(message, field);

	require(there == (expected != NULL), "field %u is %s", field, expected ? expected : "absent");
	require(!there || dbus_text_equals(data, &message->text[field], expected),
		"field %u is %s", field, expected);
}

static inline void compare_flag(const struct dbus_message *message, u8 flag, bool expected)
{
	bool set = message->flags & flag;

	require(set == expected, "flag %x in %x", flag, message->flags);
}

static inline void compare_header(const u8 *data, const struct dbus_message *message,
				  DBusMessage *expected)
{
	const char *signature = dbus_message_get_signature(expected);

	require(message->type == dbus_message_get_type(expected), "type %u", message->type);
	require(message->serial == dbus_message_get_serial(expected), "serial %u", message->serial);
	require(message->reply_serial == dbus_message_get_reply_serial(expected), "reply serial %u",
		message->reply_serial);
	compare_flag(message, DBUS_FLAG_NO_REPLY_EXPECTED, dbus_message_get_no_reply(expected));
	compare_flag(message, DBUS_FLAG_NO_AUTO_START, !dbus_message_get_auto_start(expected));
	compare_flag(message, DBUS_FLAG_INTERACTIVE,
		     dbus_message_get_allow_interactive_authorization(expected));
	compare_text(data, message, DBUS_FIELD_PATH, dbus_message_get_path(expected));
	compare_text(data, message, DBUS_FIELD_INTERFACE, dbus_message_get_interface(expected));
	compare_text(data, message, DBUS_FIELD_MEMBER, dbus_message_get_member(expected));
	compare_text(data, message, DBUS_FIELD_ERROR_NAME, dbus_message_get_error_name(expected));
	compare_text(data, message, DBUS_FIELD_DESTINATION, dbus_message_get_destination(expected));
	compare_text(data, message, DBUS_FIELD_SENDER, dbus_message_get_sender(expected));
	compare_text(data, message, DBUS_FIELD_CONTAINER_INSTANCE,
		     dbus_message_get_container_instance(expected));
	/* libdbus says "" whether the field is there or not. */
	if (dbus_message_has(message, DBUS_FIELD_SIGNATURE))
		compare_text(data, message, DBUS_FIELD_SIGNATURE, signature);
	else
		require(!*signature, "signature %s", signature);
}

static inline void compare_argument(const u8 *data, const struct dbus_message *message, u32 index,
				    DBusMessageIter *argument)
{
	int type = dbus_message_iter_get_arg_type(argument);
	struct dbus_text text;
	const char *string;
	u32 value, expected;

	if (type == DBUS_TYPE_UINT32) {
		dbus_message_iter_get_basic(argument, &expected);
		require(dbus_message_get_u32(message, data, index, &value) && value == expected,
			"argument %u is not %u", index, expected);
	} else if (type == DBUS_TYPE_STRING) {
		dbus_message_iter_get_basic(argument, &string);
		require(dbus_message_get_string(message, data, index, &text) &&
				dbus_text_equals(data, &text, string), "argument %u is not %s", index, string);
	} else {
		require(!dbus_message_get_u32(message, data, index, &value) &&
				!dbus_message_get_string(message, data, index, &text),
			"argument %u is of type %d", index, type);
	}
}

static inline void compare_arguments(const u8 *data, const struct dbus_message *message,
				     DBusMessage *expected)
{
	DBusMessageIter argument;

	dbus_message_iter_init(expected, &argument);
	for (u32 index = 0; index < 6; index++) {
		compare_argument(data, message, index, &argument);
		dbus_message_iter_next(&argument);
	}
}

/* A message as libdbus reads it, or NULL, and then why. */
static inline DBusMessage *read_by_libdbus(const u8 *data, size_t size)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusMessage *message = dbus_message_demarshal((const char *)data, (int)size, &error);

	require(message || dbus_error_has_name(&error, DBUS_ERROR_INVALID_ARGS), "libdbus: %s",
		error.message);
	count_verdict(message ? "valid" : error.message);
	dbus_error_free(&error);
	return message;
}

static inline void compare_whole(const u8 *data, size_t size)
{
	struct dbus_message message;
	bool valid = !dbus_message_read(&message, data, size, 0);
	DBusMessage *expected = read_by_libdbus(data, size);

	require(valid == (expected != NULL), "a message of %zu bytes is %s", size,
		valid ? "valid, not to libdbus" : "not valid, but to libdbus");
	if (!expected)
		return;
	compare_header(data, &message, expected);
	compare_arguments(data, &message, expected);
	dbus_message_unref(expected);
}

/*
 * Where a message says that file descriptors come with it. libdbus is given none, and would refuse
 * every such message; so 0 is written there.
 */
static inline void clear_unix_fds(u8 *data, u32 size, u32 unix_fds, bool big_endian)
{
	static const u8 start[] = { DBUS_FIELD_UNIX_FDS, 1, 'u', 0 };
	u8 value[4];

	if (big_endian)
		put_unaligned_be32(unix_fds, value);
	else
		put_unaligned_le32(unix_fds, value);
	for (u32 place = DBUS_FIXED_HEADER_LENGTH; place + 8 <= size; place += 8) {
		if (!memcmp(data + place, start, 4) && !memcmp(data + place + 4, value, 4))
			memset(data + place + 4, 0, 4);
	}
}

/* Compares the first message of @data; returns its length, or 0 if it isn't whole or none. */
static inline size_t compare_with_libdbus(const u8 *data, size_t size)
{
	int needed = dbus_message_demarshal_bytes_needed((const char *)data, (int)size);
	struct dbus_message message;
	struct dbus_frame frame;
	u8 *copy;

	if (dbus_frame_read(&frame, data)) {
		/* libdbus waits for all bytes before it refuses fields that are too many. */
		require(needed < 0 || needed > DBUS_MAXIMUM_ARRAY_LENGTH,
			"libdbus expects %d bytes, the kernel's reader none", needed);
		return 0;
	}
	require(needed == (int)frame.message_length, "%u bytes, libdbus says %d",
		frame.message_length, needed);
	if (frame.message_length > size)
		return 0;
	compare_whole(data, frame.message_length);
	if (!dbus_message_read_header(&message, data, frame.message_length) && message.unix_fds) {
		copy = malloc(frame.message_length);
		require(copy, "no memory");
		memcpy(copy, data, frame.message_length);
		clear_unix_fds(copy, frame.header_length, message.unix_fds, frame.big_endian);
		compare_whole(copy, frame.message_length);
		free(copy);
	}
	return frame.message_length;
}

#endif
