/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the primitives of D-Bus messages, and spoils one of them if it is asked to: padding that
 * isn't zero, a length that is off by one, a missing NUL, a boolean that is 2.
 */
#ifndef FASTIPC_DBUS_WRITER_H
#define FASTIPC_DBUS_WRITER_H

#include "random.h"
#include <linux/unaligned.h>
#include <string.h>

struct writer {
	u8 *data;
	size_t length;
	size_t capacity;
	/* What doesn't fit is left out, and the message is cut there. */
	bool full;
	bool big_endian;
	/* How many primitives are to be written before the one to be spoiled; negative: none is. */
	int spoil_after;
	struct random random;
};

static inline bool is_to_spoil(struct writer *writer)
{
	return writer->spoil_after >= 0 && writer->spoil_after-- == 0;
}

static inline void write_byte(struct writer *writer, u8 byte)
{
	if (writer->length < writer->capacity)
		writer->data[writer->length++] = byte;
	else
		writer->full = true;
}

static inline void write_bytes(struct writer *writer, const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		write_byte(writer, ((const u8 *)bytes)[i]);
}

static inline void write_padding(struct writer *writer, u32 alignment)
{
	bool spoil = writer->length % alignment != 0 && is_to_spoil(writer);

	while (writer->length % alignment && !writer->full) {
		write_byte(writer, spoil ? 1 : 0);
		spoil = false;
	}
}

/* Writes a number over what is at a place. */
static inline void overwrite_u32(struct writer *writer, size_t place, u32 value)
{
	if (place + sizeof(value) > writer->length)
		return;
	if (writer->big_endian)
		put_unaligned_be32(value, writer->data + place);
	else
		put_unaligned_le32(value, writer->data + place);
}

/* Returns its place. */
static inline size_t write_u32(struct writer *writer, u32 value)
{
	size_t place;

	write_padding(writer, sizeof(value));
	place = writer->length;
	write_bytes(writer, "\0\0\0\0", sizeof(value));
	overwrite_u32(writer, place, value);
	return place;
}

/* A length that may be off by one. */
static inline u32 spoiled_length(struct writer *writer, u32 length)
{
	return is_to_spoil(writer) ? length + 1 - 2 * random_below(&writer->random, 2) : length;
}

static inline void write_nul(struct writer *writer)
{
	write_byte(writer, is_to_spoil(writer) ? 'x' : 0);
}

static inline void write_string(struct writer *writer, const char *text, size_t length)
{
	write_u32(writer, spoiled_length(writer, length));
	write_bytes(writer, text, length);
	write_nul(writer);
}

static inline void write_signature(struct writer *writer, const char *text)
{
	write_byte(writer, spoiled_length(writer, strlen(text)));
	write_bytes(writer, text, strlen(text));
	write_nul(writer);
}

#endif
