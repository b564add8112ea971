// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the D-Bus message reader: a row for each rule, in both byte orders,
 * on either side of each limit.
 *
 * The fuzzers compare the reader with libdbus, whose verdicts these are too.
 */
#include <kunit/test.h>
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "message.h"

#define X4(text)	text text text text
#define X7(text)	X4(text) text text text
#define X8(text)	X4(text) X4(text)
#define X32(text)	X8(text) X8(text) X8(text) X8(text)
#define X250(text)	X32(text) X32(text) X32(text) X32(text) X32(text) X32(text) X32(text) \
			X8(text) X8(text) X8(text) text text
#define X255(text)	X250(text) X4(text) text

/* Longer than any message of the tables. */
#define BUFFER_LENGTH	4096

enum piece_kind {
	PIECE_NONE,
	PIECE_ALIGN,
	PIECE_NUMBER,
	PIECE_BYTES,
	PIECE_STRING,
	PIECE_SIGNATURE,
};

/* What a message is put together from; a table of them ends with a PIECE_NONE. */
struct piece {
	enum piece_kind kind;
	u32 size;
	u64 number;
	const char *bytes;
};

/* Numbers, which are aligned, and padding. */
#define BYTE(value)	{ .kind = PIECE_NUMBER, .size = 1, .number = (value) }
#define U16(value)	{ .kind = PIECE_NUMBER, .size = 2, .number = (value) }
#define U32(value)	{ .kind = PIECE_NUMBER, .size = 4, .number = (value) }
#define U64(value)	{ .kind = PIECE_NUMBER, .size = 8, .number = (value) }
#define PADDING(to)	{ .kind = PIECE_ALIGN, .size = (to) }

/* Texts as they are, or with a length in front and a NUL behind. */
#define RAW(text)	{ .kind = PIECE_BYTES, .size = sizeof(text) - 1, .bytes = (text) }
#define STRING(text)	{ .kind = PIECE_STRING, .size = sizeof(text) - 1, .bytes = (text) }
#define SIGNATURE(text)	{ .kind = PIECE_SIGNATURE, .size = sizeof(text) - 1, .bytes = (text) }

/* A field of the header up to its value, and whole ones. */
#define FIELD(code, type)	PADDING(8), BYTE(code), SIGNATURE(type)
#define PATH(text)		FIELD(DBUS_FIELD_PATH, "o"), STRING(text)
#define INTERFACE(text)		FIELD(DBUS_FIELD_INTERFACE, "s"), STRING(text)
#define MEMBER(text)		FIELD(DBUS_FIELD_MEMBER, "s"), STRING(text)
#define ERROR_NAME(text)	FIELD(DBUS_FIELD_ERROR_NAME, "s"), STRING(text)
#define REPLY_SERIAL(number)	FIELD(DBUS_FIELD_REPLY_SERIAL, "u"), U32(number)
#define UNIX_FDS(number)	FIELD(DBUS_FIELD_UNIX_FDS, "u"), U32(number)

#define PIECES(...)	(const struct piece[]){ __VA_ARGS__, {} }

struct builder {
	u8 *data;
	u32 length;
	bool big_endian;
};

static void add_bytes(struct builder *builder, const void *bytes, u32 length)
{
	if (builder->length + length > BUFFER_LENGTH)
		return;
	memcpy(builder->data + builder->length, bytes, length);
	builder->length += length;
}

static void add_padding(struct builder *builder, u32 alignment)
{
	while (!IS_ALIGNED(builder->length, alignment))
		add_bytes(builder, "", 1);
}

static void add_number(struct builder *builder, u64 number, u32 size)
{
	u32 i;

	add_padding(builder, size);
	for (i = 0; i < size; i++) {
		u8 byte = number >> 8 * (builder->big_endian ? size - 1 - i : i);

		add_bytes(builder, &byte, 1);
	}
}

static void add_pieces(struct builder *builder, const struct piece *piece)
{
	for (; piece && piece->kind != PIECE_NONE; piece++) {
		switch (piece->kind) {
		case PIECE_ALIGN:
			add_padding(builder, piece->size);
			break;
		case PIECE_NUMBER:
			add_number(builder, piece->number, piece->size);
			break;
		case PIECE_BYTES:
			add_bytes(builder, piece->bytes, piece->size);
			break;
		default:
			add_number(builder, piece->size, piece->kind == PIECE_STRING ? 4 : 1);
			add_bytes(builder, piece->bytes, piece->size);
			add_bytes(builder, "", 1);
		}
	}
}

static void set_u32(struct builder *builder, u32 place, u32 value)
{
	if (builder->big_endian)
		put_unaligned_be32(value, builder->data + place);
	else
		put_unaligned_le32(value, builder->data + place);
}

/* Begins a message; the fields come next. */
static void begin_message(struct kunit *test, struct builder *builder, bool big_endian, u8 type)
{
	builder->data = kunit_kzalloc(test, BUFFER_LENGTH, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, builder->data);
	builder->length = 0;
	builder->big_endian = big_endian;
	add_bytes(builder, big_endian ? "B" : "l", 1);
	add_number(builder, type, 1);
	add_number(builder, 0, 1);
	add_number(builder, 1, 1);
	add_number(builder, 0, 4);
	add_number(builder, 7, 4);
	add_number(builder, 0, 4);
}

/* Ends the header of a message; the body comes next. */
static void end_header(struct builder *builder)
{
	set_u32(builder, 12, builder->length - DBUS_FIXED_HEADER_LENGTH);
	add_padding(builder, 8);
}

static void add_signature(struct builder *builder, const char *signature)
{
	add_pieces(builder, PIECES(FIELD(DBUS_FIELD_SIGNATURE, "g")));
	add_number(builder, strlen(signature), 1);
	add_bytes(builder, signature, strlen(signature) + 1);
}

/* A message to nobody in particular that is valid if its body is. */
static void build_body(struct kunit *test, struct builder *builder, bool big_endian,
		       const char *signature, const struct piece *body)
{
	u32 begin;

	begin_message(test, builder, big_endian, DBUS_MESSAGE_METHOD_RETURN);
	add_pieces(builder, PIECES(REPLY_SERIAL(1)));
	if (signature)
		add_signature(builder, signature);
	end_header(builder);
	begin = builder->length;
	add_pieces(builder, body);
	set_u32(builder, 4, builder->length - begin);
}

/* Reads a message out of memory of exactly its size, which is returned. */
static const u8 *read_exactly(struct kunit *test, const struct builder *builder,
			      struct dbus_message *message, u32 unix_fds, int *error)
{
	u8 *data = kunit_kmalloc(test, builder->length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	memcpy(data, builder->data, builder->length);
	*error = dbus_message_read(message, data, builder->length, unix_fds);
	return data;
}

static void expect_verdict(struct kunit *test, const struct builder *builder, bool valid)
{
	struct dbus_message message;
	int error;

	read_exactly(test, builder, &message, 0, &error);
	KUNIT_EXPECT_EQ_MSG(test, error, valid ? 0 : -EBADMSG, "%s-endian",
			    builder->big_endian ? "big" : "little");
}

struct body_row {
	const char *description;
	bool valid;
	const char *signature;
	const struct piece *body;
};

#define VALID(text, type, ...) \
	{ .description = text, .valid = true, .signature = type, .body = PIECES(__VA_ARGS__) }
#define INVALID(text, type, ...) \
	{ .description = text, .signature = type, .body = PIECES(__VA_ARGS__) }

static const struct body_row body_rows[] = {
	VALID("nothing", NULL, RAW("")),
	VALID("nothing, with a signature", "", RAW("")),
	INVALID("something, without a signature", NULL, RAW("\0")),
	INVALID("something, with an empty signature", "", RAW("\0")),
	INVALID("nothing of what the signature says", "y", RAW("")),
	INVALID("more than the signature says", "y", BYTE(1), BYTE(0)),

	VALID("each type of fixed size", "ynqbiuhxtd", BYTE(255), U16(65535), U16(1), U32(1),
	      U32(0xffffffff), U32(2), U32(9), U64(1), U64(2), U64(3)),
	VALID("padding to 2", "yq", BYTE(1), RAW("\0"), U16(1)),
	INVALID("padding to 2 that is not zero", "yq", BYTE(1), RAW("\1"), U16(1)),
	VALID("padding to 4", "yu", BYTE(1), RAW("\0\0\0"), U32(1)),
	INVALID("padding to 4 that is not zero", "yu", BYTE(1), RAW("\0\0\1"), U32(1)),
	VALID("padding to 8", "yx", BYTE(1), RAW("\0\0\0\0\0\0\0"), U64(1)),
	INVALID("padding to 8 that is not zero", "yx", BYTE(1), RAW("\1\0\0\0\0\0\0"), U64(1)),
	INVALID("padding and no value", "yu", BYTE(1), RAW("\0\0\0")),
	INVALID("padding cut off", "yu", BYTE(1), RAW("\0")),
	INVALID("2 bytes cut off", "q", BYTE(1)),
	INVALID("4 bytes cut off", "u", U16(1), BYTE(1)),
	INVALID("8 bytes cut off", "t", U32(1), U16(1), BYTE(1)),
	VALID("false and true", "bb", U32(0), U32(1)),
	INVALID("a boolean that is 2", "b", U32(2)),
	INVALID("a boolean of another byte order", "b", U32(0x01000000)),

	VALID("strings", "sss", STRING(""), STRING("a"), STRING("abcdefgh")),
	INVALID("a string without NUL", "s", U32(3), RAW("abcd")),
	INVALID("a string without the byte for NUL", "s", U32(3), RAW("abc")),
	INVALID("a string longer than the body", "s", U32(5), RAW("abc\0")),
	INVALID("a string much longer than the body", "s", U32(0xffffffff), RAW("abc\0")),
	INVALID("a string's length cut off", "s", U16(0)),
	INVALID("padding before a string not zero", "ys", BYTE(1), RAW("\0\1\0"), STRING("")),
	INVALID("NUL in a string", "s", STRING("a\0b")),
	INVALID("NUL among 8 characters", "s", STRING("abcdefg\0abcdefgh")),
	VALID("U+7F, U+80", "s", STRING("\x7f\xc2\x80")),
	INVALID("overlong U+7F", "s", STRING("\xc1\xbf")),
	INVALID("overlong NUL", "s", STRING("\xc0\x80")),
	VALID("U+7FF, U+800", "s", STRING("\xdf\xbf\xe0\xa0\x80")),
	INVALID("overlong U+7FF", "s", STRING("\xe0\x9f\xbf")),
	VALID("U+D7FF, U+E000", "s", STRING("\xed\x9f\xbf\xee\x80\x80")),
	INVALID("surrogate U+D800", "s", STRING("\xed\xa0\x80")),
	INVALID("surrogate U+DFFF", "s", STRING("\xed\xbf\xbf")),
	VALID("noncharacters U+FDD0, U+FFFE, U+FFFF, U+10FFFF", "s",
	      STRING("\xef\xb7\x90\xef\xbf\xbe\xef\xbf\xbf\xf4\x8f\xbf\xbf")),
	VALID("U+10000", "s", STRING("\xf0\x90\x80\x80")),
	INVALID("overlong U+FFFF", "s", STRING("\xf0\x8f\xbf\xbf")),
	INVALID("U+110000", "s", STRING("\xf4\x90\x80\x80")),
	INVALID("U+1FFFFF", "s", STRING("\xf7\xbf\xbf\xbf")),
	INVALID("5 bytes", "s", STRING("\xf8\x88\x80\x80\x80")),
	INVALID("6 bytes", "s", STRING("\xfc\x84\x80\x80\x80\x80")),
	INVALID("bytes FE and FF", "s", STRING("\xfe\xff")),
	INVALID("a continuation alone", "s", STRING("\x80")),
	INVALID("2 bytes, 1 there", "s", STRING("\xc2")),
	INVALID("3 bytes, 2 there", "s", STRING("\xe2\x82")),
	INVALID("4 bytes, 3 there", "s", STRING("\xf0\x9f\x98")),
	INVALID("no continuation", "s", STRING("\xe2\x28\xa1")),
	VALID("not ASCII after 8 that are", "s", STRING("abcdefgh\xc2\x80")),
	INVALID("not UTF-8 among 8 that are", "s", STRING("abcdefg\200abcdefgh")),

	VALID("paths", "oooo", STRING("/"), STRING("/a"), STRING("/a/b_9/0"), STRING("/A/_")),
	VALID("a path longer than a name may be", "o", STRING("/" X255("a"))),
	VALID("the local path, but in the header", "o", STRING("/org/freedesktop/DBus/Local")),
	INVALID("an empty path", "o", STRING("")),
	INVALID("a path that begins without /", "o", STRING("a/b")),
	INVALID("a path that ends with /", "o", STRING("/a/")),
	INVALID("a path with nothing between /", "o", STRING("/a//b")),
	INVALID("a path of two /", "o", STRING("//")),
	INVALID("a path with -", "o", STRING("/a-b")),
	INVALID("a path with a letter beyond ASCII", "o", STRING("/\xc3\xa9")),
	INVALID("a path with NUL", "o", STRING("/a\0b")),
	INVALID("a path without NUL", "o", U32(2), RAW("/ab")),

	VALID("signatures", "ggggg", SIGNATURE(""), SIGNATURE("ybnqiuxtdhsogv"),
	      SIGNATURE("a{sv}(i(s))aaay"), SIGNATURE("a{s(yv)}"), SIGNATURE("a{sa{sv}}")),
	VALID("a signature of 255", "g", SIGNATURE(X255("y"))),
	INVALID("a signature without NUL", "g", RAW("\1yy")),
	INVALID("a signature without the byte for NUL", "g", RAW("\1y")),
	INVALID("a signature longer than the body", "g", RAW("\3y\0")),
	INVALID("a signature cut off", "yg", RAW("\1")),
	INVALID("NUL in a signature", "g", SIGNATURE("y\0y")),
	INVALID("no type: m", "g", SIGNATURE("m")),
	INVALID("no type: r", "g", SIGNATURE("r")),
	INVALID("no type: e", "g", SIGNATURE("e")),
	INVALID("no type: *", "g", SIGNATURE("*")),
	INVALID("no type: a byte beyond ASCII", "g", SIGNATURE("\xf9")),
	INVALID("an array of nothing", "g", SIGNATURE("a")),
	INVALID("an array of nothing in a structure", "g", SIGNATURE("(a)")),
	INVALID("an array of nothing in an entry", "g", SIGNATURE("a{sa}")),
	INVALID("an empty structure", "g", SIGNATURE("()")),
	INVALID("a structure that doesn't end", "g", SIGNATURE("(y")),
	INVALID("a structure that doesn't begin", "g", SIGNATURE("y)")),
	INVALID("a structure that ends as an entry", "g", SIGNATURE("(y}")),
	INVALID("an entry that ends as a structure", "g", SIGNATURE("a{yy)")),
	INVALID("an entry that doesn't end", "g", SIGNATURE("a{yy")),
	INVALID("an entry that doesn't begin", "g", SIGNATURE("yy}")),
	INVALID("an entry in no array", "g", SIGNATURE("{yy}")),
	INVALID("an entry in a structure", "g", SIGNATURE("a({yy})")),
	INVALID("an empty entry", "g", SIGNATURE("a{}")),
	INVALID("an entry of one", "g", SIGNATURE("a{y}")),
	INVALID("an entry of three", "g", SIGNATURE("a{yyy}")),
	INVALID("a variant as key", "g", SIGNATURE("a{vy}")),
	INVALID("an array as key", "g", SIGNATURE("a{ayy}")),
	INVALID("a structure as key", "g", SIGNATURE("a{(y)y}")),
	VALID("32 arrays", "g", SIGNATURE(X32("a") "y")),
	INVALID("33 arrays", "g", SIGNATURE(X32("a") "ay")),
	VALID("64 arrays with a structure in between", "g", SIGNATURE(X32("a") "(" X32("a") "y)")),
	VALID("32 structures", "g", SIGNATURE(X32("(") "y" X32(")"))),
	INVALID("33 structures", "g", SIGNATURE(X32("(") "(y)" X32(")"))),
	VALID("33 structures, not in each other", "g", SIGNATURE(X32("(") "y" X32(")") "(y)")),
	VALID("32 entries", "g", SIGNATURE(X32("a{y") "y" X32("}"))),
	INVALID("33 entries", "g", SIGNATURE(X32("a{y") "a{yy}" X32("}"))),

	VALID("variants", "vvv", SIGNATURE("y"), BYTE(1), SIGNATURE("u"), U32(1),
	      SIGNATURE("(yu)"), PADDING(8), BYTE(1), U32(1)),
	VALID("a variant in a variant", "v", SIGNATURE("v"), SIGNATURE("s"), STRING("a")),
	INVALID("a variant without a type", "v", SIGNATURE("")),
	INVALID("a variant of two types", "v", SIGNATURE("yy"), BYTE(1), BYTE(1)),
	INVALID("a variant of half a type", "v", SIGNATURE("a")),
	INVALID("a variant without its value", "v", SIGNATURE("y")),
	INVALID("a variant cut off", "yv", BYTE(1)),
	INVALID("a variant's signature without NUL", "v", RAW("\1yy\1")),
	INVALID("padding in a variant not zero", "v", SIGNATURE("u"), RAW("\1"), U32(1)),
	INVALID("a wrong value in a variant", "v", SIGNATURE("b"), U32(2)),
	VALID("64 variants", "v", RAW(X32("\1v\0") X8("\1v\0") X8("\1v\0") X8("\1v\0") X7("\1v\0")
				       "\1y\0!")),
	INVALID("65 variants", "v", RAW(X32("\1v\0") X32("\1v\0") "\1y\0!")),

	VALID("empty arrays", "ayasaauav", U32(0), U32(0), U32(0), U32(0)),
	VALID("empty arrays and the padding after", "axa(y)a{yy}", U32(0), PADDING(8), U32(0),
	      PADDING(8), U32(0), PADDING(8)),
	INVALID("an empty array without the padding after", "ax", U32(0)),
	INVALID("an empty array and padding that is not zero", "ax", U32(0), U32(1)),
	VALID("an empty array, then another value", "aa{s(yv)}y", U32(0), BYTE(1)),
	VALID("arrays of fixed size", "ayaqauat", U32(3), RAW("abc"), U32(4), U16(1), U16(2),
	      U32(4), U32(1), U32(8), PADDING(8), U64(1)),
	INVALID("an odd array of 2 bytes", "aq", U32(3), RAW("abc")),
	INVALID("an odd array of 4 bytes", "au", U32(6), RAW("abcdef")),
	INVALID("an odd array of 8 bytes", "at", U32(12), PADDING(8), RAW("abcdefghijkl")),
	INVALID("an array longer than the body", "ay", U32(4), RAW("abc")),
	INVALID("an array much longer than the body", "ay", U32(0xffffffff), RAW("abc")),
	INVALID("an array longer than its elements", "as", U32(7), STRING("a"), RAW("\0")),
	INVALID("an array that ends in an element", "as", U32(5), STRING("a")),
	INVALID("an array that ends in an element's length", "asu", U32(8), STRING("a"), U32(0)),
	VALID("an array of booleans", "ab", U32(8), U32(0), U32(1)),
	INVALID("an array of booleans with a 2", "ab", U32(8), U32(0), U32(2)),
	VALID("an array of strings", "as", U32(14), STRING("a"), PADDING(4), STRING("b")),
	INVALID("an array of strings, one wrong", "as", U32(14), STRING("a"), PADDING(4),
		STRING("\xff")),
	INVALID("padding between elements not zero", "as", U32(14), STRING("a"), RAW("\1\0"),
		STRING("b")),
	VALID("arrays in an array", "aas", U32(16), U32(6), STRING("a"), PADDING(4), U32(0)),
	INVALID("an array longer than the one it is in", "aas", U32(10), U32(7), STRING("a"),
		BYTE(0)),
	VALID("a dictionary", "a{sv}", U32(10), PADDING(8), STRING("a"), SIGNATURE("y"), BYTE(1)),
	INVALID("a dictionary without the last value", "a{sy}", U32(6), PADDING(8), STRING("a")),

	VALID("structures", "(y(u))y", BYTE(1), PADDING(8), U32(1), BYTE(1)),
	INVALID("a structure cut off", "(yu)", BYTE(1)),
	INVALID("padding to a structure not zero", "y(y)", BYTE(1), RAW("\0\0\0\0\0\0\1"), BYTE(1)),
	INVALID("padding to a structure cut off", "y(y)", BYTE(1), RAW("\0\0")),
	INVALID("padding to a structure and nothing else", "y(y)", BYTE(1), PADDING(8)),
};

KUNIT_ARRAY_PARAM_DESC(body, body_rows, description);

static void message_test_body(struct kunit *test)
{
	const struct body_row *row = test->param_value;
	struct builder builder;

	build_body(test, &builder, false, row->signature, row->body);
	expect_verdict(test, &builder, row->valid);
	build_body(test, &builder, true, row->signature, row->body);
	expect_verdict(test, &builder, row->valid);
}

struct header_row {
	const char *description;
	bool valid;
	u8 type;
	const struct piece *fields;
};

#define VALID_HEADER(text, number, ...) \
	{ .description = text, .valid = true, .type = number, .fields = PIECES(__VA_ARGS__) }
#define INVALID_HEADER(text, number, ...) \
	{ .description = text, .type = number, .fields = PIECES(__VA_ARGS__) }

/* A valid reply with other fields. */
#define VALID_REPLY(text, ...) \
	VALID_HEADER(text, DBUS_MESSAGE_METHOD_RETURN, REPLY_SERIAL(1), __VA_ARGS__)
#define INVALID_REPLY(text, ...) \
	INVALID_HEADER(text, DBUS_MESSAGE_METHOD_RETURN, REPLY_SERIAL(1), __VA_ARGS__)

static const struct header_row header_rows[] = {
	INVALID_HEADER("type 0", 0, REPLY_SERIAL(1)),
	VALID_HEADER("type 5", 5, RAW("")),
	VALID_HEADER("type 255", 255, RAW("")),
	VALID_HEADER("a call", DBUS_MESSAGE_METHOD_CALL, PATH("/"), MEMBER("M")),
	INVALID_HEADER("a call without path", DBUS_MESSAGE_METHOD_CALL, MEMBER("M")),
	INVALID_HEADER("a call without member", DBUS_MESSAGE_METHOD_CALL, PATH("/")),
	INVALID_HEADER("a return without serial", DBUS_MESSAGE_METHOD_RETURN, RAW("")),
	INVALID_HEADER("a return to serial 0", DBUS_MESSAGE_METHOD_RETURN, REPLY_SERIAL(0)),
	VALID_HEADER("an error", DBUS_MESSAGE_ERROR, REPLY_SERIAL(1), ERROR_NAME("a.b")),
	INVALID_HEADER("an error without name", DBUS_MESSAGE_ERROR, REPLY_SERIAL(1)),
	INVALID_HEADER("an error without serial", DBUS_MESSAGE_ERROR, ERROR_NAME("a.b")),
	VALID_HEADER("a signal", DBUS_MESSAGE_SIGNAL, PATH("/"), INTERFACE("a.b"), MEMBER("M")),
	INVALID_HEADER("a signal without path", DBUS_MESSAGE_SIGNAL, INTERFACE("a.b"), MEMBER("M")),
	INVALID_HEADER("a signal without interface", DBUS_MESSAGE_SIGNAL, PATH("/"), MEMBER("M")),
	INVALID_HEADER("a signal without member", DBUS_MESSAGE_SIGNAL, PATH("/"), INTERFACE("a.b")),

	INVALID_REPLY("field 0", FIELD(0, "s"), STRING("a")),
	VALID_REPLY("field 11", FIELD(11, "s"), STRING("a")),
	VALID_REPLY("field 255, twice", FIELD(255, "y"), BYTE(1), FIELD(255, "y"), BYTE(1)),
	INVALID_REPLY("a wrong value of field 255", FIELD(255, "s"), STRING("\xff")),
	INVALID_REPLY("field 255 of no type", FIELD(255, "")),
	INVALID_REPLY("field 255 of two types", FIELD(255, "yy"), BYTE(1), BYTE(1)),
	INVALID_REPLY("field 255 of half a type", FIELD(255, "a")),
	INVALID_REPLY("a field cut off after its code", PADDING(8), BYTE(255)),
	INVALID_REPLY("a field cut off after its type", FIELD(255, "y")),
	VALID_REPLY("62 variants in a field", FIELD(255, "v"),
		    RAW(X32("\1v\0") X8("\1v\0") X8("\1v\0") X8("\1v\0") X4("\1v\0") "\1y\0!")),
	INVALID_REPLY("63 variants in a field", FIELD(255, "v"),
		      RAW(X32("\1v\0") X8("\1v\0") X8("\1v\0") X8("\1v\0") X4("\1v\0")
			  "\1v\0\1y\0!")),

	INVALID_REPLY("a path that is a string", FIELD(DBUS_FIELD_PATH, "s"), STRING("/")),
	INVALID_REPLY("an interface that is a path", FIELD(DBUS_FIELD_INTERFACE, "o"), STRING("/")),
	INVALID_REPLY("an interface in a variant", FIELD(DBUS_FIELD_INTERFACE, "v"), SIGNATURE("s"),
		      STRING("a.b")),
	INVALID_REPLY("a signature that is a string", FIELD(DBUS_FIELD_SIGNATURE, "s"), STRING("")),
	INVALID_REPLY("descriptors with a sign", FIELD(DBUS_FIELD_UNIX_FDS, "i"), U32(0)),
	INVALID_REPLY("a container that is a string", FIELD(DBUS_FIELD_CONTAINER_INSTANCE, "s"),
		      STRING("/")),
	VALID_REPLY("a container", FIELD(DBUS_FIELD_CONTAINER_INSTANCE, "o"), STRING("/a")),
	VALID_REPLY("no descriptors, said so", UNIX_FDS(0)),
	INVALID_REPLY("a descriptor that didn't come", UNIX_FDS(1)),
	INVALID_REPLY("a serial that is signed", FIELD(DBUS_FIELD_REPLY_SERIAL, "i"), U32(1)),

	INVALID_REPLY("the serial twice", REPLY_SERIAL(1)),
	INVALID_REPLY("the path twice", PATH("/"), PATH("/")),
	INVALID_REPLY("the member twice", MEMBER("a"), MEMBER("a")),
	INVALID_REPLY("the signature twice", FIELD(DBUS_FIELD_SIGNATURE, "g"), SIGNATURE(""),
		      FIELD(DBUS_FIELD_SIGNATURE, "g"), SIGNATURE("")),
	INVALID_REPLY("the descriptors twice", UNIX_FDS(0), UNIX_FDS(0)),
	INVALID_REPLY("padding between fields not zero", FIELD(255, "y"), RAW("\0\0\0\1"),
		      FIELD(255, "y"), BYTE(1)),
};

KUNIT_ARRAY_PARAM_DESC(header, header_rows, description);

static void message_test_header(struct kunit *test)
{
	const struct header_row *row = test->param_value;
	struct builder builder;
	int big_endian;

	for (big_endian = 0; big_endian < 2; big_endian++) {
		begin_message(test, &builder, big_endian, row->type);
		add_pieces(&builder, row->fields);
		end_header(&builder);
		expect_verdict(test, &builder, row->valid);
	}
}

struct name_row {
	const char *name;
	bool valid;
	u8 field;
};

static const struct name_row name_rows[] = {
	{ "/", true, DBUS_FIELD_PATH },
	{ "/org/freedesktop/DBus/Loca", true, DBUS_FIELD_PATH },
	{ "/org/freedesktop/DBus/Local", false, DBUS_FIELD_PATH },
	{ "/org/freedesktop/DBus/Local/x", false, DBUS_FIELD_PATH },
	{ "/org/freedesktop/DBus/Locals", false, DBUS_FIELD_PATH },
	{ "/a/", false, DBUS_FIELD_PATH },
	{ "", false, DBUS_FIELD_PATH },

	{ "a.b", true, DBUS_FIELD_INTERFACE },
	{ "_a9.Z_.c", true, DBUS_FIELD_INTERFACE },
	{ "a." X250("b") "ccc", true, DBUS_FIELD_INTERFACE },
	{ "a." X250("b") "cccc", false, DBUS_FIELD_INTERFACE },
	{ "org.freedesktop.DBus", true, DBUS_FIELD_INTERFACE },
	{ "org.freedesktop.DBus.Local", false, DBUS_FIELD_INTERFACE },
	{ "org.freedesktop.DBus.Local.x", false, DBUS_FIELD_INTERFACE },
	{ "org.freedesktop.DBus.Locals", false, DBUS_FIELD_INTERFACE },
	{ "", false, DBUS_FIELD_INTERFACE },
	{ "a", false, DBUS_FIELD_INTERFACE },
	{ ".a.b", false, DBUS_FIELD_INTERFACE },
	{ "a..b", false, DBUS_FIELD_INTERFACE },
	{ "a.b.", false, DBUS_FIELD_INTERFACE },
	{ "a.9b", false, DBUS_FIELD_INTERFACE },
	{ "9a.b", false, DBUS_FIELD_INTERFACE },
	{ "a.b-c", false, DBUS_FIELD_INTERFACE },
	{ "a.b\xc3\xa9", false, DBUS_FIELD_INTERFACE },

	{ "a.b", true, DBUS_FIELD_ERROR_NAME },
	{ "org.freedesktop.DBus.Local", true, DBUS_FIELD_ERROR_NAME },
	{ "a", false, DBUS_FIELD_ERROR_NAME },
	{ "a.b-c", false, DBUS_FIELD_ERROR_NAME },

	{ "a", true, DBUS_FIELD_MEMBER },
	{ "_Za9", true, DBUS_FIELD_MEMBER },
	{ X255("a"), true, DBUS_FIELD_MEMBER },
	{ X255("a") "a", false, DBUS_FIELD_MEMBER },
	{ "", false, DBUS_FIELD_MEMBER },
	{ "a.b", false, DBUS_FIELD_MEMBER },
	{ "9a", false, DBUS_FIELD_MEMBER },
	{ "a-b", false, DBUS_FIELD_MEMBER },

	{ "a.b", true, DBUS_FIELD_DESTINATION },
	{ "a-._-.-9", true, DBUS_FIELD_DESTINATION },
	{ "a." X250("b") "ccc", true, DBUS_FIELD_DESTINATION },
	{ "a." X250("b") "cccc", false, DBUS_FIELD_DESTINATION },
	{ "", false, DBUS_FIELD_DESTINATION },
	{ "a", false, DBUS_FIELD_DESTINATION },
	{ ".a.b", false, DBUS_FIELD_DESTINATION },
	{ "a..b", false, DBUS_FIELD_DESTINATION },
	{ "a.b.", false, DBUS_FIELD_DESTINATION },
	{ "a.9b", false, DBUS_FIELD_DESTINATION },
	{ "a.b:c", false, DBUS_FIELD_DESTINATION },
	{ ":1.9", true, DBUS_FIELD_DESTINATION },
	{ ":9-a.-", true, DBUS_FIELD_DESTINATION },
	{ ":1", true, DBUS_FIELD_DESTINATION },
	{ ":", true, DBUS_FIELD_DESTINATION },
	{ ":.1", true, DBUS_FIELD_DESTINATION },
	{ ":.", false, DBUS_FIELD_DESTINATION },
	{ ":1.", false, DBUS_FIELD_DESTINATION },
	{ ":1..2", false, DBUS_FIELD_DESTINATION },
	{ "::1", false, DBUS_FIELD_DESTINATION },

	{ ":1.9", true, DBUS_FIELD_SENDER },
	{ "org.freedesktop.DBus", true, DBUS_FIELD_SENDER },
	{ "a", false, DBUS_FIELD_SENDER },
	{ "/a/b_9", true, DBUS_FIELD_CONTAINER_INSTANCE },
	{ "a", false, DBUS_FIELD_CONTAINER_INSTANCE },
};

KUNIT_ARRAY_PARAM_DESC(name, name_rows, name);

static void message_test_name(struct kunit *test)
{
	const struct name_row *row = test->param_value;
	bool path = row->field == DBUS_FIELD_PATH || row->field == DBUS_FIELD_CONTAINER_INSTANCE;
	struct builder builder;
	int big_endian;

	for (big_endian = 0; big_endian < 2; big_endian++) {
		begin_message(test, &builder, big_endian, 255);
		add_pieces(&builder, path ? PIECES(FIELD(row->field, "o")) :
					    PIECES(FIELD(row->field, "s")));
		add_number(&builder, strlen(row->name), 4);
		add_bytes(&builder, row->name, strlen(row->name) + 1);
		end_header(&builder);
		expect_verdict(test, &builder, row->valid);
	}
}

struct frame_row {
	const char *description;
	u32 fields;
	u32 body;
	/* 0 if there is no such message. */
	u32 length;
};

static const struct frame_row frame_rows[] = {
	{ "shortest", 0, 0, 16 },
	{ "padding after the fields", 1, 0, 24 },
	{ "no padding after the fields", 8, 1, 25 },
	{ "most fields", SZ_64M, 0, SZ_64M + 16 },
	{ "too many fields", SZ_64M + 1, 0, 0 },
	{ "far too many fields", 0xffffffff, 0, 0 },
	{ "longest", 0, SZ_128M - 16, SZ_128M },
	{ "too long", 0, SZ_128M - 15, 0 },
	{ "longest with fields", 9, SZ_128M - 32, SZ_128M },
	{ "too long with fields", 9, SZ_128M - 31, 0 },
	{ "far too long", 8, 0xffffffff, 0 },
	{ "far too long altogether", 0xffffffff, 0xffffffff, 0 },
};

KUNIT_ARRAY_PARAM_DESC(frame, frame_rows, description);

static void message_test_frame(struct kunit *test)
{
	const struct frame_row *row = test->param_value;
	struct dbus_frame frame;
	struct builder builder;
	int big_endian, error;

	for (big_endian = 0; big_endian < 2; big_endian++) {
		begin_message(test, &builder, big_endian, 0);
		set_u32(&builder, 4, row->body);
		set_u32(&builder, 12, row->fields);
		error = dbus_frame_read(&frame, builder.data);
		KUNIT_EXPECT_EQ(test, error, row->length ? 0 : -EBADMSG);
		if (!error)
			KUNIT_EXPECT_EQ(test, frame.message_length, row->length);
	}
	builder.data[0] = 'b';
	KUNIT_EXPECT_EQ(test, dbus_frame_read(&frame, builder.data), -EBADMSG);
}

/* Bytes of the fixed header that are wrong in a message that is valid without. */
struct byte_row {
	const char *description;
	u8 place;
	u8 byte;
	bool valid;
};

static const struct byte_row byte_rows[] = {
	{ "byte order", 0, 'L', false },
	{ "all flags", 2, 255, true },
	{ "version 0", 3, 0, false },
	{ "version 2", 3, 2, false },
	{ "a body that isn't there", 4, 1, false },
	{ "serial 0", 8, 0, false },
	{ "a field that isn't there", 12, 9, false },
	{ "half a field", 12, 7, false },
	{ "padding after the fields", 31, 1, false },
};

KUNIT_ARRAY_PARAM_DESC(byte, byte_rows, description);

static void message_test_byte(struct kunit *test)
{
	const struct byte_row *row = test->param_value;
	struct builder builder;

	begin_message(test, &builder, false, DBUS_MESSAGE_METHOD_RETURN);
	add_pieces(&builder, PIECES(REPLY_SERIAL(1), FIELD(255, "y"), BYTE(1)));
	end_header(&builder);
	expect_verdict(test, &builder, true);
	KUNIT_ASSERT_EQ(test, builder.length, 32);
	builder.data[row->place] = row->byte;
	expect_verdict(test, &builder, row->valid);
}

static void expect_text(struct kunit *test, const u8 *data, const struct dbus_message *message,
			enum dbus_field field, const char *expected)
{
	KUNIT_EXPECT_TRUE(test, dbus_message_has(message, field));
	KUNIT_EXPECT_TRUE_MSG(test, dbus_text_equals(data, &message->text[field], expected),
			      "field %d is not %s", field, expected);
}

/* All that a header can say is found, with and without the body. */
static void message_test_fields(struct kunit *test)
{
	struct dbus_message message, again;
	struct builder builder;
	int big_endian, error;
	const u8 *data;

	for (big_endian = 0; big_endian < 2; big_endian++) {
		begin_message(test, &builder, big_endian, DBUS_MESSAGE_ERROR);
		add_pieces(&builder, PIECES(PATH("/a"), INTERFACE("b.c"), MEMBER("d"),
					    ERROR_NAME("e.f"), REPLY_SERIAL(0x12345678),
					    FIELD(DBUS_FIELD_DESTINATION, "s"), STRING(":1.2"),
					    FIELD(DBUS_FIELD_SENDER, "s"), STRING(":1.3"),
					    FIELD(DBUS_FIELD_CONTAINER_INSTANCE, "o"), STRING("/g"),
					    FIELD(200, "y"), BYTE(1), UNIX_FDS(2)));
		add_signature(&builder, "y");
		end_header(&builder);
		add_number(&builder, 1, 1);
		set_u32(&builder, 4, 1);
		builder.data[2] = DBUS_FLAG_NO_AUTO_START;
		data = read_exactly(test, &builder, &message, 2, &error);
		KUNIT_ASSERT_EQ(test, error, 0);
		KUNIT_EXPECT_EQ(test, message.type, DBUS_MESSAGE_ERROR);
		KUNIT_EXPECT_EQ(test, message.flags, DBUS_FLAG_NO_AUTO_START);
		KUNIT_EXPECT_EQ(test, message.version, 1);
		KUNIT_EXPECT_EQ(test, message.serial, 7);
		KUNIT_EXPECT_EQ(test, message.reply_serial, 0x12345678);
		KUNIT_EXPECT_EQ(test, message.unix_fds, 2);
		KUNIT_EXPECT_TRUE(test, message.unknown_field);
		expect_text(test, data, &message, DBUS_FIELD_PATH, "/a");
		expect_text(test, data, &message, DBUS_FIELD_INTERFACE, "b.c");
		expect_text(test, data, &message, DBUS_FIELD_MEMBER, "d");
		expect_text(test, data, &message, DBUS_FIELD_ERROR_NAME, "e.f");
		expect_text(test, data, &message, DBUS_FIELD_DESTINATION, ":1.2");
		expect_text(test, data, &message, DBUS_FIELD_SENDER, ":1.3");
		expect_text(test, data, &message, DBUS_FIELD_CONTAINER_INSTANCE, "/g");
		expect_text(test, data, &message, DBUS_FIELD_SIGNATURE, "y");
		KUNIT_EXPECT_EQ(test, message.frame.body_length, 1);
		KUNIT_EXPECT_EQ(test, message.frame.message_length, builder.length);
		error = dbus_message_read_header(&again, data, builder.length - 1);
		KUNIT_EXPECT_EQ(test, error, 0);
		KUNIT_EXPECT_EQ(test, memcmp(&again, &message, sizeof(again)), 0);
		KUNIT_EXPECT_EQ(test, dbus_message_check_body(&again, data, builder.length - 1),
				-EBADMSG);
	}
}

/* As many descriptors as the message says must have come. */
static void message_test_descriptors(struct kunit *test)
{
	struct dbus_message message;
	struct builder builder;
	int error;

	begin_message(test, &builder, false, DBUS_MESSAGE_METHOD_RETURN);
	add_pieces(&builder, PIECES(REPLY_SERIAL(1), UNIX_FDS(2)));
	end_header(&builder);
	read_exactly(test, &builder, &message, 2, &error);
	KUNIT_EXPECT_EQ(test, error, 0);
	read_exactly(test, &builder, &message, 1, &error);
	KUNIT_EXPECT_EQ(test, error, -EBADMSG);
	read_exactly(test, &builder, &message, 3, &error);
	KUNIT_EXPECT_EQ(test, error, -EBADMSG);
}

/* What is cut anywhere, or longer than it says, is no message. */
static void message_test_cut(struct kunit *test)
{
	struct dbus_message message;
	struct builder builder;
	u32 length;
	int error;

	build_body(test, &builder, false, "sa{sv}",
		   PIECES(STRING("abc"), U32(10), PADDING(8), STRING("a"), SIGNATURE("y"),
			  BYTE(1)));
	length = builder.length;
	expect_verdict(test, &builder, true);
	for (builder.length = 0; builder.length < length; builder.length++) {
		read_exactly(test, &builder, &message, 0, &error);
		KUNIT_EXPECT_EQ(test, error, -EBADMSG);
	}
	builder.length = length + 1;
	read_exactly(test, &builder, &message, 0, &error);
	KUNIT_EXPECT_EQ(test, error, -EBADMSG);
}

/* 32 arrays and 32 structures in each other, and a variant as the 65th container. */
static void message_test_depth(struct kunit *test)
{
	static const char *const signatures[] = {
		X32("a(") "y" X32(")"),
		X32("a(") "v" X32(")"),
	};
	struct builder builder;
	int variant, array;

	for (variant = 0; variant < 2; variant++) {
		u32 innermost = variant ? 4 : 1;
		u32 begin;

		build_body(test, &builder, false, signatures[variant], NULL);
		begin = builder.length;
		for (array = 31; array >= 0; array--)
			add_pieces(&builder, PIECES(U32(innermost + 8 * array), PADDING(8)));
		add_pieces(&builder, variant ? PIECES(SIGNATURE("y"), BYTE(1)) : PIECES(BYTE(1)));
		set_u32(&builder, 4, builder.length - begin);
		expect_verdict(test, &builder, !variant);
	}
}

static void message_test_arguments(struct kunit *test)
{
	struct dbus_text text, strings;
	struct dbus_message message;
	struct builder builder;
	int big_endian, error;
	const u8 *data;
	u32 value;

	for (big_endian = 0; big_endian < 2; big_endian++) {
		build_body(test, &builder, big_endian, "sa{sv}uasas",
			   PIECES(STRING("first"), U32(10), PADDING(8), STRING("a"), SIGNATURE("y"),
				  BYTE(1), U32(0xdeadbeef), U32(14), STRING("b"), PADDING(4),
				  STRING("c"), U32(0)));
		data = read_exactly(test, &builder, &message, 0, &error);
		KUNIT_ASSERT_EQ(test, error, 0);
		KUNIT_EXPECT_TRUE(test, dbus_message_get_string(&message, data, 0, &text));
		KUNIT_EXPECT_TRUE(test, dbus_text_equals(data, &text, "first"));
		KUNIT_EXPECT_FALSE(test, dbus_text_equals(data, &text, "firs"));
		KUNIT_EXPECT_FALSE(test, dbus_message_get_u32(&message, data, 0, &value));
		KUNIT_EXPECT_FALSE(test, dbus_message_get_strings(&message, data, 1, &strings));
		KUNIT_EXPECT_TRUE(test, dbus_message_get_u32(&message, data, 2, &value));
		KUNIT_EXPECT_EQ(test, value, 0xdeadbeef);
		KUNIT_ASSERT_TRUE(test, dbus_message_get_strings(&message, data, 3, &strings));
		KUNIT_EXPECT_TRUE(test, dbus_strings_next(&message, data, &strings, &text));
		KUNIT_EXPECT_TRUE(test, dbus_text_equals(data, &text, "b"));
		KUNIT_EXPECT_TRUE(test, dbus_strings_next(&message, data, &strings, &text));
		KUNIT_EXPECT_TRUE(test, dbus_text_equals(data, &text, "c"));
		KUNIT_EXPECT_FALSE(test, dbus_strings_next(&message, data, &strings, &text));
		KUNIT_EXPECT_TRUE(test, dbus_message_get_strings(&message, data, 4, &strings));
		KUNIT_EXPECT_FALSE(test, dbus_strings_next(&message, data, &strings, &text));
		KUNIT_EXPECT_FALSE(test, dbus_message_get_string(&message, data, 5, &text));
		KUNIT_EXPECT_FALSE(test, dbus_message_get_string(&message, data, 100, &text));
		build_body(test, &builder, big_endian, NULL, NULL);
		data = read_exactly(test, &builder, &message, 0, &error);
		KUNIT_ASSERT_EQ(test, error, 0);
		KUNIT_EXPECT_FALSE(test, dbus_message_get_string(&message, data, 0, &text));
	}
}

/* The longest array there may be, and one that is a byte longer. */
static void message_test_long_array(struct kunit *test)
{
	struct dbus_message message;
	struct builder builder;
	u32 begin, length;
	u8 *data;

	build_body(test, &builder, false, "ay", PIECES(U32(0)));
	begin = builder.length;
	data = kvzalloc(begin + SZ_64M + 1, GFP_KERNEL);
	if (!data)
		kunit_skip(test, "no memory for 64 MiB");
	for (length = SZ_64M; length <= SZ_64M + 1; length++) {
		set_u32(&builder, 4, length + 4);
		set_u32(&builder, begin - 4, length);
		memcpy(data, builder.data, begin);
		KUNIT_EXPECT_EQ(test, dbus_message_read(&message, data, begin + length, 0),
				length > SZ_64M ? -EBADMSG : 0);
	}
	kvfree(data);
}

static struct kunit_case message_test_cases[] = {
	KUNIT_CASE_PARAM(message_test_body, body_gen_params),
	KUNIT_CASE_PARAM(message_test_header, header_gen_params),
	KUNIT_CASE_PARAM(message_test_name, name_gen_params),
	KUNIT_CASE_PARAM(message_test_frame, frame_gen_params),
	KUNIT_CASE_PARAM(message_test_byte, byte_gen_params),
	KUNIT_CASE(message_test_fields),
	KUNIT_CASE(message_test_descriptors),
	KUNIT_CASE(message_test_cut),
	KUNIT_CASE(message_test_depth),
	KUNIT_CASE(message_test_arguments),
	KUNIT_CASE(message_test_long_array),
	{}
};

static struct kunit_suite message_test_suite = {
	.name = "dbus_message",
	.test_cases = message_test_cases,
};

kunit_test_suite(message_test_suite);

MODULE_DESCRIPTION("KUnit tests of the D-Bus message reader");
MODULE_LICENSE("GPL");
