/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random D-Bus messages: half of them valid, the others with one thing wrong, so that what is
 * wrong lies as deep as a message can be.
 */
#ifndef FASTIPC_DBUS_GENERATE_H
#define FASTIPC_DBUS_GENERATE_H

#include "message.h"
#include "texts.h"
#include "writer.h"
#include <stdlib.h>

static const char *write_value(struct writer *writer, const char *type, u32 depth);

static inline void write_fixed(struct writer *writer, u32 size)
{
	write_padding(writer, size);
	for (u32 i = 0; i < size; i++)
		write_byte(writer, random_below(&writer->random, 256));
}

/* Returns what comes after the complete type. */
static inline const char *skip_type(const char *type)
{
	int brackets = 0;

	for (; *type; type++) {
		brackets += *type == '(' || *type == '{';
		brackets -= *type == ')' || *type == '}';
		if (*type != 'a' && brackets <= 0)
			return type + 1;
	}
	return type;
}

static inline u32 alignment_of(char type)
{
	return strchr("xtd({", type) ? 8 : strchr("biuhsoa", type) ? 4 : strchr("nq", type) ? 2 : 1;
}

static inline const char *write_array(struct writer *writer, const char *type, u32 depth)
{
	/* Deep ones have an element, else what is deep isn't there. */
	u32 elements = depth > 8 ? 1 : random_below(&writer->random, 4);
	size_t place = write_u32(writer, 0);
	size_t begin;

	write_padding(writer, alignment_of(*type));
	begin = writer->length;
	if (elements && one_in(&writer->random, 32))
		elements *= 1 + random_below(&writer->random, 100);
	for (; elements && !writer->full; elements--)
		write_value(writer, type, depth + 1);
	overwrite_u32(writer, place, spoiled_length(writer, writer->length - begin));
	return skip_type(type);
}

/* Variants within each other, around as many as there may be. */
static inline void write_variants(struct writer *writer)
{
	for (u32 left = 56 + random_below(&writer->random, 12); left; left--)
		write_signature(writer, "v");
	write_signature(writer, "y");
	write_byte(writer, 0);
}

static inline void write_variant(struct writer *writer, u32 depth)
{
	char signature[SIGNATURE_CAPACITY] = "";

	if (depth < 6 && one_in(&writer->random, 16)) {
		write_variants(writer);
		return;
	}
	if (depth > 70)
		append_code(signature, 'y');
	else if (depth > 12 || one_in(&writer->random, 16))
		append_deep_type(writer, signature, one_in(&writer->random, 4) ? 'y' : 'v');
	else
		append_type(writer, signature, 3);
	if (is_to_spoil(writer)) {
		if (one_in(&writer->random, 2))
			append_type(writer, signature, 1);
		else
			signature[0] = '\0';
	}
	write_signature(writer, signature);
	write_value(writer, signature, depth + 1);
}

/* Members until the bracket that closes. */
static inline const char *write_struct(struct writer *writer, const char *type, u32 depth)
{
	write_padding(writer, 8);
	while (*type && *type != ')' && *type != '}' && !writer->full)
		type = write_value(writer, type, depth + 1);
	return *type ? type + 1 : type;
}

/*
 * Writes a random value of a complete type, and returns what comes after that. Types that are
 * none are written as bytes.
 */
static const char *write_value(struct writer *writer, const char *type, u32 depth)
{
	char signature[SIGNATURE_CAPACITY] = "";
	struct text text;

	switch (*type) {
	case '\0':
		return type;
	case 'b':
		write_u32(writer, random_below(&writer->random, is_to_spoil(writer) ? 300 : 2));
		break;
	case 's':
		text = random_string(writer);
		write_string(writer, text.characters, text.length);
		break;
	case 'o':
		text = random_path(writer);
		write_string(writer, text.characters, text.length);
		break;
	case 'g':
		if (!one_in(&writer->random, 4))
			append_type(writer, signature, 3);
		else
			append_deep_type(writer, signature, 's');
		write_signature(writer, signature);
		break;
	case 'v':
		write_variant(writer, depth);
		break;
	case 'a':
		return write_array(writer, type + 1, depth);
	case '(':
	case '{':
		return write_struct(writer, type + 1, depth);
	default:
		write_fixed(writer, alignment_of(*type));
	}
	return type + 1;
}

/* The code, and the signature of the value that follows. */
static inline void write_field_start(struct writer *writer, u8 code, char type)
{
	char signature[] = { type, '\0' };

	write_padding(writer, 8);
	write_byte(writer, code);
	if (is_to_spoil(writer))
		signature[0] = random_character(writer, "sogu");
	write_signature(writer, signature);
}

static inline void write_text_field(struct writer *writer, u8 code, char type, struct text text)
{
	write_field_start(writer, code, type);
	write_string(writer, text.characters, text.length);
}

static inline void write_field(struct writer *writer, u8 code, const char *signature)
{
	switch (code) {
	case DBUS_FIELD_PATH:
	case DBUS_FIELD_CONTAINER_INSTANCE:
		write_text_field(writer, code, 'o', random_path(writer));
		break;
	case DBUS_FIELD_INTERFACE:
	case DBUS_FIELD_ERROR_NAME:
		write_text_field(writer, code, 's', random_interface(writer));
		break;
	case DBUS_FIELD_MEMBER:
		write_text_field(writer, code, 's', random_member(writer));
		break;
	case DBUS_FIELD_DESTINATION:
	case DBUS_FIELD_SENDER:
		write_text_field(writer, code, 's', random_bus_name(writer));
		break;
	case DBUS_FIELD_REPLY_SERIAL:
		write_field_start(writer, code, 'u');
		write_u32(writer, is_to_spoil(writer) ? 0 : 1 + random_below(&writer->random, 1000));
		break;
	case DBUS_FIELD_UNIX_FDS:
		write_field_start(writer, code, 'u');
		write_u32(writer, random_below(&writer->random, 3));
		break;
	case DBUS_FIELD_SIGNATURE:
		write_field_start(writer, code, 'g');
		write_signature(writer, signature);
		break;
	default:
		write_padding(writer, 8);
		write_byte(writer, code);
		write_variant(writer, 3);
	}
}

/* The fields that a type of message has to have, by DBUS_FIELD_*. */
static inline u32 fields_of(u8 type)
{
	switch (type) {
	case DBUS_MESSAGE_METHOD_CALL:
		return BIT(DBUS_FIELD_PATH) | BIT(DBUS_FIELD_MEMBER);
	case DBUS_MESSAGE_METHOD_RETURN:
		return BIT(DBUS_FIELD_REPLY_SERIAL);
	case DBUS_MESSAGE_ERROR:
		return BIT(DBUS_FIELD_ERROR_NAME) | BIT(DBUS_FIELD_REPLY_SERIAL);
	case DBUS_MESSAGE_SIGNAL:
		return BIT(DBUS_FIELD_PATH) | BIT(DBUS_FIELD_INTERFACE) | BIT(DBUS_FIELD_MEMBER);
	default:
		return 0;
	}
}

static inline void write_fields(struct writer *writer, u8 type, const char *signature)
{
	struct random *random = &writer->random;
	u32 fields = fields_of(type);

	for (u8 code = 1; code < DBUS_FIELD_UNIX_FDS; code++)
		fields |= one_in(random, 4) ? BIT(code) : 0;
	if (one_in(random, 16))
		fields |= BIT(DBUS_FIELD_UNIX_FDS + random_below(random, 3));
	if (*signature)
		fields |= BIT(DBUS_FIELD_SIGNATURE);
	for (u8 code = 1; code <= DBUS_FIELD_COUNT; code++) {
		bool there = fields & BIT(code);

		if (is_to_spoil(writer))
			there = !there;
		if (there)
			write_field(writer, code, signature);
		if (there && is_to_spoil(writer))
			write_field(writer, code, signature);
	}
	if (is_to_spoil(writer))
		write_field(writer, random_below(random, 256), signature);
}

static inline void append_signature(struct writer *writer, char *signature)
{
	u32 kind = random_below(&writer->random, 16);

	if (kind == 0)
		append_deep_type(writer, signature, one_in(&writer->random, 2) ? 'v' : 's');
	else if (kind == 1)
		strcpy(signature, "as");
	else if (kind == 2)
		strcpy(signature, "sss");
	else
		for (u32 left = random_below(&writer->random, 5); left; left--)
			append_type(writer, signature, 4);
}

/* Writes a random message at @data, and returns its length. */
static inline size_t generate_message(u8 *data, size_t capacity, u64 seed)
{
	struct writer writer = {
		.data = data,
		.capacity = capacity,
		.spoil_after = -1,
		.random = seed_random(seed),
	};
	struct random *random = &writer.random;
	u8 type = 1 + random_below(random, one_in(random, 16) ? 255 : 4);
	char signature[SIGNATURE_CAPACITY] = "";
	size_t begin;

	writer.big_endian = one_in(random, 2);
	if (one_in(random, 2))
		writer.spoil_after = random_below(random, one_in(random, 2) ? 40 : 400);
	append_signature(&writer, signature);
	write_byte(&writer, writer.big_endian ? 'B' : 'l');
	write_byte(&writer, is_to_spoil(&writer) ? 0 : type);
	write_byte(&writer, random_below(random, one_in(random, 8) ? 256 : 4));
	write_byte(&writer, is_to_spoil(&writer) ? random_below(random, 3) : 1);
	write_u32(&writer, 0);
	write_u32(&writer, is_to_spoil(&writer) ? 0 : 1 + random_below(random, 100000));
	write_u32(&writer, 0);
	write_fields(&writer, type, signature);
	overwrite_u32(&writer, 12, spoiled_length(&writer, writer.length - DBUS_FIXED_HEADER_LENGTH));
	write_padding(&writer, 8);
	begin = writer.length;
	for (const char *rest = signature; *rest && !writer.full;)
		rest = write_value(&writer, rest, 0);
	overwrite_u32(&writer, 4, writer.length - begin);
	return writer.length;
}

#endif
