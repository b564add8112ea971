/* SPDX-License-Identifier: GPL-2.0-only */
/* Random texts: strings, paths, names and signatures; valid ones, and near misses. */
#ifndef FASTIPC_DBUS_TEXTS_H
#define FASTIPC_DBUS_TEXTS_H

#include "random.h"
#include "writer.h"
#include <string.h>

#define TEXT_CAPACITY 600

struct text {
	char characters[TEXT_CAPACITY];
	size_t length;
};

static inline void append(struct text *text, const char *characters, size_t length)
{
	if (text->length + length > sizeof(text->characters) - 1)
		return;
	memcpy(text->characters + text->length, characters, length);
	text->length += length;
	text->characters[text->length] = '\0';
}

/* At every border of what UTF-8 may say, on either side of it. */
static const char *const utf8_samples[] = {
	"a", "z", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
	"\xef\xbf\xbf", "\xef\xb7\x90", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xf3\xb0\x80\x80",
	"abcdefgh", "0123456789abcdef",
	/* Invalid from here on. */
	"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
	"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	"\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff", "\xc2", "\xe2\x82", "\xf0\x9f\x98", "\xe2\x28\xa1",
	"\xf7\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf", "\xc2\xc0", "\xf1\x80\x80\xc0",
};

#define VALID_UTF8_SAMPLES 15

static inline struct text random_string(struct writer *writer)
{
	struct random *random = &writer->random;
	u32 samples = sizeof(utf8_samples) / sizeof(utf8_samples[0]);
	struct text text = { .length = 0 };

	for (u32 left = random_below(random, 6) * random_below(random, 5); left; left--) {
		u32 from = is_to_spoil(writer) ? VALID_UTF8_SAMPLES : 0;
		u32 count = from ? samples - from : VALID_UTF8_SAMPLES;
		const char *sample = utf8_samples[from + random_below(random, count)];

		append(&text, sample, strlen(sample));
	}
	if (is_to_spoil(writer))
		append(&text, "", 1);
	return text;
}

static inline char random_character(struct writer *writer, const char *characters)
{
	if (is_to_spoil(writer))
		return (char)random_below(&writer->random, 256);
	return characters[random_below(&writer->random, strlen(characters))];
}

/* An element of a name or path; sometimes as long as names may be, or longer. */
static inline void append_element(struct writer *writer, struct text *text, bool digit_first)
{
	static const char all[] = "abzAZ_0189";
	u32 length = 1 + random_below(&writer->random, 5);
	char character;

	if (one_in(&writer->random, 64))
		length = 245 + random_below(&writer->random, 14);
	if (is_to_spoil(writer))
		length = 0;
	for (u32 i = 0; i < length; i++) {
		bool any = i > 0 || digit_first || is_to_spoil(writer);

		character = random_character(writer, any ? all : "abzAZ_");
		append(text, &character, 1);
	}
}

static inline struct text random_path(struct writer *writer)
{
	static const char *const known[] = { "/", "/org/freedesktop/DBus", "/org/freedesktop/DBus/Loca",
					     "/org/freedesktop/DBus/local" };
	static const char *const local[] = { "/org/freedesktop/DBus/Local",
					     "/org/freedesktop/DBus/Local/x",
					     "/org/freedesktop/DBus/Locals" };
	struct random *random = &writer->random;
	struct text text = { .length = 0 };
	const char *chosen = NULL;

	if (is_to_spoil(writer))
		chosen = local[random_below(random, 3)];
	else if (one_in(random, 3))
		chosen = known[random_below(random, 4)];
	if (chosen) {
		append(&text, chosen, strlen(chosen));
		return text;
	}
	for (u32 left = 1 + random_below(random, 4); left; left--) {
		append(&text, "/", 1);
		append_element(writer, &text, true);
	}
	if (is_to_spoil(writer))
		append(&text, "/", 1);
	return text;
}

/* Elements with dots in between. */
static inline void append_name(struct writer *writer, struct text *text, u32 elements, bool digits)
{
	for (u32 i = 0; i < elements; i++) {
		if (i)
			append(text, ".", 1);
		append_element(writer, text, digits);
	}
}

static inline struct text random_interface(struct writer *writer)
{
	static const char *const local[] = { "org.freedesktop.DBus.Local", "org.freedesktop.DBus.Locals",
					     "org.freedesktop.DBus.Local.x", "org.freedesktop.DBus" };
	u32 elements = 2 + random_below(&writer->random, 3) - (is_to_spoil(writer) ? 1 : 0);
	struct text text = { .length = 0 };

	if (is_to_spoil(writer)) {
		const char *chosen = local[random_below(&writer->random, 4)];

		append(&text, chosen, strlen(chosen));
		return text;
	}
	append_name(writer, &text, elements, false);
	return text;
}

static inline struct text random_member(struct writer *writer)
{
	struct text text = { .length = 0 };

	append_name(writer, &text, is_to_spoil(writer) ? 2 : 1, false);
	return text;
}

static inline struct text random_bus_name(struct writer *writer)
{
	static const char *const unusual[] = { ":", ":.", ":1", ":.a", ":..a", ":a.", ".a.b", "a-b.-c",
					       ":1.-", "a", "-.-", "org.freedesktop.DBus" };
	struct random *random = &writer->random;
	bool unique = one_in(random, 2);
	struct text text = { .length = 0 };

	if (one_in(random, 16)) {
		const char *chosen = unusual[random_below(random, 12)];

		append(&text, chosen, strlen(chosen));
		return text;
	}
	if (unique)
		append(&text, ":", 1);
	append_name(writer, &text, 2 + random_below(random, 2) - (is_to_spoil(writer) ? 1 : 0), unique);
	if (text.length > 2 && one_in(random, 4))
		text.characters[text.length - 1] = '-';
	return text;
}

#define SIGNATURE_CAPACITY 300

static inline void append_code(char *signature, char code)
{
	size_t length = strlen(signature);

	if (length + 1 < SIGNATURE_CAPACITY) {
		signature[length] = code;
		signature[length + 1] = '\0';
	}
}

static inline void append_basic(struct writer *writer, char *signature)
{
	append_code(signature, random_character(writer, "ybnqiuxtdhsog"));
}

/* Appends a complete type; at most @depth containers within each other. */
static inline void append_type(struct writer *writer, char *signature, u32 depth)
{
	struct random *random = &writer->random;
	u32 kind = depth ? random_below(random, 10) : 0;

	if (is_to_spoil(writer))
		append_code(signature, random_character(writer, "a(){}vmr*\x01"));
	switch (kind) {
	case 9:
	case 8:
		append_code(signature, 'a');
		append_type(writer, signature, depth - 1);
		break;
	case 7:
		append_code(signature, '(');
		for (u32 left = 1 + random_below(random, 3); left; left--)
			append_type(writer, signature, depth - 1);
		append_code(signature, ')');
		break;
	case 6:
		append_code(signature, 'a');
		append_code(signature, '{');
		append_basic(writer, signature);
		append_type(writer, signature, depth - 1);
		append_code(signature, '}');
		break;
	case 5:
		append_code(signature, 'v');
		break;
	default:
		append_basic(writer, signature);
	}
}

/* A type of containers within each other around the limits of 32 each, or below. */
static inline void append_deep_type(struct writer *writer, char *signature, char innermost)
{
	static const char *const opening[] = { "a", "(", "a{y" };
	struct random *random = &writer->random;
	char closing[SIGNATURE_CAPACITY] = "";
	u32 only = random_below(random, 6);

	for (u32 left = 1 + random_below(random, 36); left; left--) {
		u32 kind = only < 3 ? only : random_below(random, 3);

		for (const char *code = opening[kind]; *code; code++)
			append_code(signature, *code);
		if (kind)
			append_code(closing, kind == 1 ? ')' : '}');
	}
	append_code(signature, innermost);
	for (size_t i = strlen(closing); i; i--)
		append_code(signature, closing[i - 1]);
}

#endif
