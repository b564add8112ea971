// SPDX-License-Identifier: GPL-2.0-only
/*
 * Throws bytes at the kernel's reader of D-Bus messages, cut anywhere. Each piece lies in a buffer
 * of exactly its size, so that AddressSanitizer finds what reads beyond it.
 */
#include "mutate.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A copy whose end is the end of its memory, and which begins at an odd address. */
static u8 *copy_exactly(const u8 *data, size_t size)
{
	u8 *copy = malloc(size + 1);

	require(copy, "no memory for %zu bytes", size + 1);
	memcpy(copy + 1, data, size);
	return copy + 1;
}

static void require_text(const u8 *data, const struct dbus_text *text, u32 begin, u32 end)
{
	require(text->offset >= begin && text->offset < end && text->length < end - text->offset,
		"text at %u of %u bytes lies outside of %u to %u", text->offset, text->length, begin, end);
	require(!data[text->offset + text->length], "no NUL after the text at %u", text->offset);
}

static void require_header(const u8 *data, const struct dbus_message *message)
{
	const struct dbus_frame *frame = &message->frame;
	u32 known = (1UL << DBUS_FIELD_COUNT) - 2;

	require(frame->header_length % 8 == 0 && frame->header_length >= frame->fields_end &&
			frame->header_length - frame->fields_end < 8,
		"header of %u bytes, fields to %u", frame->header_length, frame->fields_end);
	require(message->type && message->version == 1 && message->serial, "an invalid header");
	require(!(message->fields & ~known), "fields %x", message->fields);
	require((message->fields & fields_of(message->type)) == fields_of(message->type),
		"type %u with fields %x", message->type, message->fields);
	require(dbus_message_has(message, DBUS_FIELD_REPLY_SERIAL) == (message->reply_serial != 0),
		"reply serial %u", message->reply_serial);
	for (u32 field = 1; field < DBUS_FIELD_COUNT; field++) {
		const struct dbus_text *text = &message->text[field];

		if (!dbus_message_has(message, field) || field == DBUS_FIELD_REPLY_SERIAL ||
		    field == DBUS_FIELD_UNIX_FDS)
			require(!text->offset && !text->length, "field %u", field);
		else
			require_text(data, text, DBUS_FIXED_HEADER_LENGTH, frame->fields_end);
	}
}

static void require_arguments(const u8 *data, const struct dbus_message *message)
{
	u32 begin = message->frame.header_length, end = message->frame.message_length;
	struct dbus_text text;
	u32 value;

	for (u32 index = 0; index < 4; index++) {
		bool number = dbus_message_get_u32(message, data, index, &value);
		bool string = dbus_message_get_string(message, data, index, &text);

		require(!number || !string, "argument %u is of several types", index);
		if (string)
			require_text(data, &text, begin, end);
	}
}

/* What is cut off is refused, wherever it is cut. */
static void require_refusal(const u8 *data, size_t size)
{
	u8 *copy = copy_exactly(data, size);
	struct dbus_message message;

	require(dbus_message_read(&message, copy, size, 0) && dbus_message_read(&message, copy, size, 1),
		"%zu bytes of a longer message were taken for a message", size);
	free(copy - 1);
}

/* The header alone, in memory of its own, says what it says with the body after it. */
static void require_same_header(const u8 *data, const struct dbus_message *message)
{
	size_t size = message->frame.header_length;
	u8 *copy = copy_exactly(data, size);
	struct dbus_message again;

	require(!dbus_message_read_header(&again, copy, size), "the header alone was refused");
	require(!memcmp(&again, message, sizeof(again)), "the header alone was read differently");
	require(message->frame.body_length == 0 || dbus_message_check_body(&again, copy, size),
		"a body that isn't there was taken for valid");
	free(copy - 1);
}

static void check_whole(const u8 *data, size_t size)
{
	u8 *copy = copy_exactly(data, size);
	struct dbus_message message, header;
	bool readable = !dbus_message_read_header(&header, copy, size);
	bool valid = !dbus_message_read(&message, copy, size, readable ? header.unix_fds : 0);

	require(readable || !valid, "a message is valid whose header isn't");
	if (readable) {
		require_header(copy, &header);
		require_same_header(copy, &header);
		require(dbus_message_read(&message, copy, size, header.unix_fds + 1),
			"a descriptor too many came");
	}
	if (valid)
		require_arguments(copy, &message);
	free(copy - 1);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct random random = seed_random(size ? data[size / 2] + size : 0);

	while (size >= DBUS_FIXED_HEADER_LENGTH) {
		struct dbus_frame frame;
		u8 *copy = copy_exactly(data, DBUS_FIXED_HEADER_LENGTH);
		int error = dbus_frame_read(&frame, copy);

		free(copy - 1);
		if (error || frame.message_length > size) {
			require_refusal(data, size);
			break;
		}
		check_whole(data, frame.message_length);
		require_refusal(data, random_below(&random, frame.message_length));
		require_refusal(data, frame.message_length - 1);
		data += frame.message_length;
		size -= frame.message_length;
	}
	require_refusal(data, size < DBUS_FIXED_HEADER_LENGTH ? size : 0);
	return 0;
}
