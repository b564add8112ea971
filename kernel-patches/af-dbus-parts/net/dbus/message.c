// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and validates D-Bus messages.
 *
 * A receiver's library drops its connection at the first message that isn't
 * valid. So what the kernel delivers has to be valid by the D-Bus
 * specification and, where that and the reference implementation differ, by
 * the latter: libdbus 1.14. Each such place has a comment that says so.
 *
 * A message is a header and a body. The header is 16 fixed bytes, an array of
 * fields, and zeroes up to a multiple of 8. The body is a sequence of values
 * whose types the header's field SIGNATURE names, a character for each type:
 *
 *	y			a byte
 *	n q, b i u h, x t d	numbers of 2, 4 and 8 bytes; b is 0 or 1
 *	s o			length (4 bytes), characters, NUL: UTF-8, an object's path
 *	g			length (1 byte), characters, NUL: a signature
 *	v			a signature of one type, as in g, and a value of that type
 *	aT			length in bytes (4 bytes), elements of the type T
 *	(T...)			a structure
 *	a{KT}			an array of structures of two members, the first not nested
 *
 * Values are aligned to their size (strings and arrays to 4, structures to 8)
 * counting from the message's first byte, and all padding is zero.
 *
 * Nothing here allocates, locks, or recurses. Nothing but an array's
 * elements is looked at twice. The bytes must not change meanwhile: the kernel
 * reads a copy of its own. Functions that look at a whole message may sleep.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "message.h"

#define DBUS_PROTOCOL_VERSION	1

/* For names of interfaces, members, errors and connections, but not for paths. */
#define DBUS_NAME_LENGTH_MAX	255

/* Arrays right within each other, structures, and dictionary entries in one signature. */
#define DBUS_TYPE_DEPTH_MAX	32

/* Containers within each other, whichever signature they come from. */
#define DBUS_VALUE_DEPTH_MAX	64

/* The value of a header's field is in an array's element, a structure, and a variant. */
#define DBUS_FIELD_VALUE_DEPTH	3

/* How many bytes are looked at before others may run. */
#define DBUS_RESCHED_BYTES	SZ_16K

/**
 * struct dbus_walk - how far a message has been validated
 * @data: the message's first byte, from which all positions count
 * @position: of the next byte of the values
 * @end: where the innermost array ends, else the header's fields or the body; never passed
 * @signature: position of the next value's type, in a valid signature, which ends with NUL
 * @resched: the position at which others may run again
 * @big_endian: whether the message's numbers are
 */
struct dbus_walk {
	const u8 *data;
	u32 position;
	u32 end;
	u32 signature;
	u32 resched;
	bool big_endian;
};

enum dbus_container_kind {
	DBUS_CONTAINER_NONE,
	DBUS_CONTAINER_ARRAY,
	DBUS_CONTAINER_STRUCT,
	DBUS_CONTAINER_VARIANT,
};

/**
 * struct dbus_container - what to go on with after a value in a container
 * @signature: of an array the type of its elements, of a variant the type after it
 * @end: of an array the end of what it is in
 * @kind: an enum dbus_container_kind
 */
struct dbus_container {
	u32 signature;
	u32 end : 30;
	u32 kind : 2;
};

/* Long messages are looked at without keeping the processor from others. */
static void let_others_run(u32 position, u32 *resched)
{
	if (position >= *resched) {
		*resched = position + DBUS_RESCHED_BYTES;
		cond_resched();
	}
}

static u32 read_u32(const u8 *data, bool big_endian)
{
	return big_endian ? get_unaligned_be32(data) : get_unaligned_le32(data);
}

/*
 * Types
 */

/* The alignment of a type, which is also its size if that is fixed; 0 if it is none. */
static u32 type_alignment(u8 type)
{
	static const u8 alignments[] = {
		['y'] = 1, ['g'] = 1, ['v'] = 1,
		['n'] = 2, ['q'] = 2,
		['b'] = 4, ['i'] = 4, ['u'] = 4, ['h'] = 4, ['s'] = 4, ['o'] = 4, ['a'] = 4,
		['x'] = 8, ['t'] = 8, ['d'] = 8, ['('] = 8, ['{'] = 8,
	};

	return type < ARRAY_SIZE(alignments) ? alignments[type] : 0;
}

/* Containers begin with these, and can't be keys. */
static bool is_container(u8 type)
{
	return type == 'a' || type == 'v' || type == '(' || type == '{';
}

static bool has_fixed_size(u8 type)
{
	return !is_container(type) && type != 's' && type != 'o' && type != 'g';
}

/* Where the type ends that begins at @signature. */
static u32 type_end(const u8 *data, u32 signature)
{
	unsigned int brackets = 0;
	u8 type;

	do {
		type = data[signature++];
		if (type == '(' || type == '{')
			brackets++;
		else if (type == ')' || type == '}')
			brackets--;
	} while (brackets || type == 'a');
	return signature;
}

/* A structure or dictionary entry that has begun in a signature; the first is the signature. */
struct dbus_bracket {
	u8 type;
	u8 members;
};

/* Whether the innermost bracket may end with @type. */
static bool may_close(const struct dbus_bracket *open, u8 type)
{
	if (type == ')')
		return open->type == '(' && open->members;
	return open->type == '{' && open->members == 2;
}

/*
 * Whether it is a signature, and of how many types. Like libdbus, it limits how
 * many arrays are right within each other, not with structures in between.
 */
static bool is_signature(const u8 *text, unsigned int length, unsigned int *types)
{
	struct dbus_bracket brackets[2 * DBUS_TYPE_DEPTH_MAX + 1], *open = brackets;
	unsigned int arrays = 0, structs = 0, entries = 0, i;

	*open = (struct dbus_bracket){};
	for (i = 0; i < length; i++) {
		u8 type = text[i];

		if (open->type == '{' && !open->members && is_container(type))
			return false;
		switch (type) {
		case 'a':
			if (++arrays > DBUS_TYPE_DEPTH_MAX)
				return false;
			continue;
		case '(':
		case '{':
			if (type == '(' ? ++structs > DBUS_TYPE_DEPTH_MAX :
					  !arrays || ++entries > DBUS_TYPE_DEPTH_MAX)
				return false;
			*++open = (struct dbus_bracket){ .type = type };
			break;
		case ')':
		case '}':
			if (arrays || !may_close(open, type))
				return false;
			if (type == ')')
				structs--;
			else
				entries--;
			open--;
			open->members++;
			break;
		default:
			if (!type_alignment(type))
				return false;
			open->members++;
		}
		arrays = 0;
	}
	*types = open->members;
	return !arrays && open == brackets;
}

/*
 * Texts
 */

/* Whether 8 bytes are all ASCII and not NUL. */
static bool are_plain_characters(const u8 *text)
{
	u64 bytes = get_unaligned((const u64 *)text);

	return !(((bytes - 0x0101010101010101ULL) | bytes) & 0x8080808080808080ULL);
}

/*
 * The length of the character at @text that is not ASCII; 0 if it is cut off,
 * longer than it need be, a surrogate, or above U+10FFFF. Those that Unicode
 * calls noncharacters are valid.
 */
static u32 utf8_character_length(const u8 *text, u32 length)
{
	static const u32 least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	u32 count = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	u32 character = text[0] & (0x7f >> count), i;

	if (text[0] < 0xc0 || text[0] > 0xf7 || length < count)
		return 0;
	for (i = 1; i < count; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < least[count] || character > 0x10ffff || (character & ~0x7ff) == 0xd800)
		return 0;
	return count;
}

/* Whether it is UTF-8 without NUL. */
static bool is_utf8(const u8 *text, u32 length)
{
	u32 position = 0, resched = DBUS_RESCHED_BYTES;

	while (position < length) {
		let_others_run(position, &resched);
		if (length - position >= 8 && are_plain_characters(text + position)) {
			position += 8;
		} else if (text[position] < 0x80) {
			if (!text[position++])
				return false;
		} else {
			u32 count = utf8_character_length(text + position, length - position);

			if (!count)
				return false;
			position += count;
		}
	}
	return true;
}

/* What characters may be part of. Not from ctype.h, which knows letters beyond ASCII. */
enum character_kind {
	CHARACTER_LETTER = BIT(0),
	CHARACTER_DIGIT = BIT(1),
	CHARACTER_HYPHEN = BIT(2),
};

static const u8 character_kinds[256] = {
	['A' ... 'Z'] = CHARACTER_LETTER,
	['a' ... 'z'] = CHARACTER_LETTER,
	['_'] = CHARACTER_LETTER,
	['0' ... '9'] = CHARACTER_DIGIT,
	['-'] = CHARACTER_HYPHEN,
};

/*
 * Whether it is an object's path: / or elements that a / precedes. Its length
 * has no limit. There is a NUL behind it.
 */
static bool is_path(const u8 *text, u32 length)
{
	u32 position = 0, begin, resched = DBUS_RESCHED_BYTES;

	if (length == 1)
		return text[0] == '/';
	do {
		if (text[position++] != '/')
			return false;
		begin = position;
		while (character_kinds[text[position]] & (CHARACTER_LETTER | CHARACTER_DIGIT))
			let_others_run(position++, &resched);
		if (position == begin)
			return false;
	} while (position < length);
	return true;
}

/*
 * How many elements with dots in between a name has; 0 if one of them is empty,
 * begins with a kind of character that isn't in @first, or has one that isn't
 * in @kinds. There is a NUL behind the name.
 */
static unsigned int count_elements(const u8 *text, u32 length, u8 first, u8 kinds)
{
	unsigned int elements = 0;
	u32 position = 0;

	do {
		if (!(character_kinds[text[position]] & first))
			return 0;
		while (character_kinds[text[position]] & kinds)
			position++;
		elements++;
	} while (text[position] == '.' && ++position);
	return position == length ? elements : 0;
}

static unsigned int count_name_elements(const u8 *text, u32 length)
{
	return count_elements(text, length, CHARACTER_LETTER, CHARACTER_LETTER | CHARACTER_DIGIT);
}

static bool is_member(const u8 *text, u32 length)
{
	return length <= DBUS_NAME_LENGTH_MAX && count_name_elements(text, length) == 1;
}

/* Whether it is a name of an interface, or of an error. */
static bool is_interface(const u8 *text, u32 length)
{
	return length <= DBUS_NAME_LENGTH_MAX && count_name_elements(text, length) >= 2;
}

/*
 * Whether it is a unique or well-known name of a connection. Like libdbus, it
 * lets the first element of a unique name be empty, and be the only one.
 */
static bool is_bus_name(const u8 *text, u32 length)
{
	const u8 first = CHARACTER_LETTER | CHARACTER_HYPHEN, all = first | CHARACTER_DIGIT;
	u32 skipped;

	if (length > DBUS_NAME_LENGTH_MAX)
		return false;
	if (text[0] != ':')
		return count_elements(text, length, first, all) >= 2;
	skipped = text[1] == '.' ? 2 : 1;
	return length == 1 || count_elements(text + skipped, length - skipped, all, all);
}

static bool begins_with(const u8 *text, u32 length, const char *prefix)
{
	return length >= strlen(prefix) && !memcmp(text, prefix, strlen(prefix));
}

/*
 * Values
 */

/* Goes past the zeroes in front of a value. */
static bool walk_padding(struct dbus_walk *walk, u32 alignment)
{
	u32 position = walk->position, aligned = ALIGN(position, alignment);

	if (aligned > walk->end)
		return false;
	walk->position = aligned;
	while (position < aligned) {
		if (walk->data[position++])
			return false;
	}
	return true;
}

static bool walk_u32(struct dbus_walk *walk, u32 *value)
{
	if (!walk_padding(walk, sizeof(u32)) || walk->end - walk->position < sizeof(u32))
		return false;
	*value = read_u32(walk->data + walk->position, walk->big_endian);
	walk->position += sizeof(u32);
	return true;
}

/* Goes past characters whose number is known, and the NUL after them. */
static bool walk_characters(struct dbus_walk *walk, u32 length, struct dbus_text *text)
{
	if (length >= walk->end - walk->position)
		return false;
	*text = (struct dbus_text){ .offset = walk->position, .length = length };
	walk->position += length;
	return !walk->data[walk->position++];
}

static bool walk_string(struct dbus_walk *walk, struct dbus_text *text)
{
	u32 length;

	return walk_u32(walk, &length) && walk_characters(walk, length, text);
}

static bool walk_signature(struct dbus_walk *walk, struct dbus_text *text, unsigned int *types)
{
	if (walk->position == walk->end)
		return false;
	return walk_characters(walk, walk->data[walk->position++], text) &&
	       is_signature(walk->data + text->offset, text->length, types);
}

static bool walk_fixed(struct dbus_walk *walk, u8 type)
{
	u32 size = type_alignment(type);

	if (!walk_padding(walk, size) || walk->end - walk->position < size)
		return false;
	if (type == 'b' && read_u32(walk->data + walk->position, walk->big_endian) > 1)
		return false;
	walk->position += size;
	return true;
}

static bool are_booleans(const struct dbus_walk *walk, u32 length)
{
	u32 position = 0, resched = DBUS_RESCHED_BYTES;

	for (; position < length; position += sizeof(u32)) {
		let_others_run(position, &resched);
		if (read_u32(walk->data + walk->position + position, walk->big_endian) > 1)
			return false;
	}
	return true;
}

/* Goes into an array, or past it if it has no elements or such of a fixed size. */
static bool walk_array(struct dbus_walk *walk, struct dbus_container *container)
{
	u8 element = walk->data[walk->signature];
	u32 alignment = type_alignment(element);
	u32 length;

	/* The padding is there in front of no elements too, and not counted. */
	if (!walk_u32(walk, &length) || !walk_padding(walk, alignment))
		return false;
	if (length > walk->end - walk->position || length > DBUS_ARRAY_LENGTH_MAX)
		return false;
	if (length && !has_fixed_size(element)) {
		*container = (struct dbus_container){
			.kind = DBUS_CONTAINER_ARRAY,
			.signature = walk->signature,
			.end = walk->end,
		};
		walk->end = walk->position + length;
		return true;
	}
	if (!IS_ALIGNED(length, alignment) ||
	    (element == 'b' && !are_booleans(walk, length)))
		return false;
	walk->signature = type_end(walk->data, walk->signature);
	walk->position += length;
	return true;
}

static bool walk_variant(struct dbus_walk *walk, struct dbus_container *container)
{
	struct dbus_text signature;
	unsigned int types;

	if (!walk_signature(walk, &signature, &types) || types != 1)
		return false;
	container->kind = DBUS_CONTAINER_VARIANT;
	container->signature = walk->signature;
	walk->signature = signature.offset;
	return true;
}

/* Goes past the next value, or into it if @container is a container afterwards. */
static bool walk_into(struct dbus_walk *walk, struct dbus_container *container)
{
	u8 type = walk->data[walk->signature++];
	struct dbus_text text;
	unsigned int types;

	container->kind = DBUS_CONTAINER_NONE;
	switch (type) {
	case 's':
		return walk_string(walk, &text) && is_utf8(walk->data + text.offset, text.length);
	case 'o':
		return walk_string(walk, &text) && is_path(walk->data + text.offset, text.length);
	case 'g':
		return walk_signature(walk, &text, &types);
	case 'v':
		return walk_variant(walk, container);
	case 'a':
		return walk_array(walk, container);
	case '(':
	case '{':
		container->kind = DBUS_CONTAINER_STRUCT;
		return walk_padding(walk, 8);
	default:
		return walk_fixed(walk, type);
	}
}

/* Goes out of a container if its last value was the last one, else to the next one. */
static bool walk_out(struct dbus_walk *walk, const struct dbus_container *container)
{
	u8 type = walk->data[walk->signature];

	switch (container->kind) {
	case DBUS_CONTAINER_ARRAY:
		if (walk->position < walk->end) {
			walk->signature = container->signature;
			return false;
		}
		walk->end = container->end;
		return true;
	case DBUS_CONTAINER_STRUCT:
		if (type != ')' && type != '}')
			return false;
		walk->signature++;
		return true;
	default:
		walk->signature = container->signature;
		return true;
	}
}

/* Goes past a value and all that is in it; @depth is the number of containers it is in. */
static bool walk_value(struct dbus_walk *walk, unsigned int depth)
{
	struct dbus_container containers[DBUS_VALUE_DEPTH_MAX], container;
	unsigned int count = 0;

	do {
		let_others_run(walk->position, &walk->resched);
		if (!walk_into(walk, &container))
			return false;
		if (container.kind != DBUS_CONTAINER_NONE) {
			if (depth + count == DBUS_VALUE_DEPTH_MAX)
				return false;
			containers[count++] = container;
			continue;
		}
		while (count && walk_out(walk, &containers[count - 1]))
			count--;
	} while (count);
	return true;
}

static struct dbus_walk walk_body(const struct dbus_message *message, const u8 *data)
{
	const struct dbus_frame *frame = &message->frame;

	return (struct dbus_walk){
		.data = data,
		.position = frame->header_length,
		.end = frame->message_length,
		.signature = message->text[DBUS_FIELD_SIGNATURE].offset,
		.resched = frame->header_length + DBUS_RESCHED_BYTES,
		.big_endian = frame->big_endian,
	};
}

/*
 * The header
 */

/* The type of each field's value. */
static const char field_types[DBUS_FIELD_COUNT] = {
	[DBUS_FIELD_PATH] = 'o',
	[DBUS_FIELD_INTERFACE] = 's',
	[DBUS_FIELD_MEMBER] = 's',
	[DBUS_FIELD_ERROR_NAME] = 's',
	[DBUS_FIELD_REPLY_SERIAL] = 'u',
	[DBUS_FIELD_DESTINATION] = 's',
	[DBUS_FIELD_SENDER] = 's',
	[DBUS_FIELD_SIGNATURE] = 'g',
	[DBUS_FIELD_UNIX_FDS] = 'u',
	[DBUS_FIELD_CONTAINER_INSTANCE] = 'o',
};

/* The fields that a message has to have, by its type. */
static const u32 required_fields[] = {
	[DBUS_MESSAGE_METHOD_CALL] = BIT(DBUS_FIELD_PATH) | BIT(DBUS_FIELD_MEMBER),
	[DBUS_MESSAGE_METHOD_RETURN] = BIT(DBUS_FIELD_REPLY_SERIAL),
	[DBUS_MESSAGE_ERROR] = BIT(DBUS_FIELD_ERROR_NAME) | BIT(DBUS_FIELD_REPLY_SERIAL),
	[DBUS_MESSAGE_SIGNAL] = BIT(DBUS_FIELD_PATH) | BIT(DBUS_FIELD_INTERFACE) |
				BIT(DBUS_FIELD_MEMBER),
};

/*
 * Whether a field may have this text. What libraries send themselves never
 * comes from outside; like libdbus, that is refused by the beginning of it.
 */
static bool is_field_text(u8 field, const u8 *text, u32 length)
{
	switch (field) {
	case DBUS_FIELD_PATH:
		return is_path(text, length) &&
		       !begins_with(text, length, "/org/freedesktop/DBus/Local");
	case DBUS_FIELD_CONTAINER_INSTANCE:
		return is_path(text, length);
	case DBUS_FIELD_INTERFACE:
		return is_interface(text, length) &&
		       !begins_with(text, length, "org.freedesktop.DBus.Local");
	case DBUS_FIELD_ERROR_NAME:
		return is_interface(text, length);
	case DBUS_FIELD_MEMBER:
		return is_member(text, length);
	default:
		return is_bus_name(text, length);
	}
}

/* Goes past the variant of a field that has a type of its own, and keeps the value. */
static bool walk_known_field(struct dbus_walk *walk, u8 field, struct dbus_message *message)
{
	const u8 *signature = walk->data + walk->position;
	struct dbus_text *text = &message->text[field];
	unsigned int types;

	if (walk->end - walk->position < 3 || signature[0] != 1 ||
	    signature[1] != field_types[field] || signature[2])
		return false;
	walk->position += 3;
	if (dbus_message_has(message, field))
		return false;
	message->fields |= BIT(field);
	switch (field) {
	case DBUS_FIELD_REPLY_SERIAL:
		return walk_u32(walk, &message->reply_serial) && message->reply_serial;
	case DBUS_FIELD_UNIX_FDS:
		return walk_u32(walk, &message->unix_fds);
	case DBUS_FIELD_SIGNATURE:
		return walk_signature(walk, text, &types);
	default:
		return walk_string(walk, text) &&
		       is_field_text(field, walk->data + text->offset, text->length);
	}
}

/* Goes past a field: a structure of a code and a variant. */
static bool walk_field(struct dbus_walk *walk, struct dbus_message *message)
{
	struct dbus_text signature;
	unsigned int types;
	u8 field;

	if (!walk_padding(walk, 8) || walk->position == walk->end)
		return false;
	field = walk->data[walk->position++];
	if (field == DBUS_FIELD_INVALID)
		return false;
	if (field < DBUS_FIELD_COUNT)
		return walk_known_field(walk, field, message);
	if (!walk_signature(walk, &signature, &types) || types != 1)
		return false;
	message->unknown_field = true;
	walk->signature = signature.offset;
	return walk_value(walk, DBUS_FIELD_VALUE_DEPTH);
}

/**
 * dbus_frame_read() - find out how long a message is
 * @frame: filled in on success
 * @data: the first DBUS_FIXED_HEADER_LENGTH bytes of the message
 *
 * Looks at the byte order and the lengths only. What it refuses will not
 * become a message, whatever comes after.
 *
 * Return: 0, or -EBADMSG if this is not D-Bus.
 */
int dbus_frame_read(struct dbus_frame *frame, const u8 *data)
{
	u32 body, fields;

	if (data[0] != 'l' && data[0] != 'B')
		return -EBADMSG;
	frame->big_endian = data[0] == 'B';
	body = read_u32(data + 4, frame->big_endian);
	fields = read_u32(data + 12, frame->big_endian);
	if (fields > DBUS_ARRAY_LENGTH_MAX || body > DBUS_MESSAGE_LENGTH_MAX)
		return -EBADMSG;
	frame->fields_end = DBUS_FIXED_HEADER_LENGTH + fields;
	frame->header_length = ALIGN(frame->fields_end, 8);
	frame->body_length = body;
	frame->message_length = frame->header_length + body;
	return frame->message_length > DBUS_MESSAGE_LENGTH_MAX ? -EBADMSG : 0;
}

/**
 * dbus_message_read_header() - validate a message's header and take it apart
 * @message: filled in on success
 * @data: the message
 * @length: how many bytes of it are there, the header at least
 *
 * Context: may sleep if the header is longer than 16 KiB.
 * Return: 0, or -EBADMSG if the header is not valid or not whole.
 */
int dbus_message_read_header(struct dbus_message *message, const u8 *data, size_t length)
{
	struct dbus_walk walk = { .data = data, .position = DBUS_FIXED_HEADER_LENGTH };
	u32 required;

	memset(message, 0, sizeof(*message));
	if (length < DBUS_FIXED_HEADER_LENGTH || dbus_frame_read(&message->frame, data) ||
	    length < message->frame.header_length)
		return -EBADMSG;
	message->type = data[1];
	message->flags = data[2];
	message->version = data[3];
	message->serial = read_u32(data + 8, message->frame.big_endian);
	if (message->type == DBUS_MESSAGE_INVALID || message->version != DBUS_PROTOCOL_VERSION ||
	    !message->serial)
		return -EBADMSG;
	walk.end = message->frame.fields_end;
	walk.resched = DBUS_RESCHED_BYTES;
	walk.big_endian = message->frame.big_endian;
	while (walk.position < walk.end) {
		let_others_run(walk.position, &walk.resched);
		if (!walk_field(&walk, message))
			return -EBADMSG;
	}
	walk.end = message->frame.header_length;
	if (!walk_padding(&walk, 8))
		return -EBADMSG;
	required = message->type < ARRAY_SIZE(required_fields) ? required_fields[message->type] : 0;
	return (message->fields & required) == required ? 0 : -EBADMSG;
}

/**
 * dbus_message_check_body() - validate a message's body
 * @message: its header
 * @data: the message
 * @length: how many bytes of it are there
 *
 * Context: may sleep if the body is longer than 16 KiB.
 * Return: 0, or -EBADMSG if the body is not what the header says, or not whole.
 */
int dbus_message_check_body(const struct dbus_message *message, const u8 *data, size_t length)
{
	struct dbus_walk walk = walk_body(message, data);

	if (length < message->frame.message_length)
		return -EBADMSG;
	if (dbus_message_has(message, DBUS_FIELD_SIGNATURE)) {
		while (data[walk.signature]) {
			if (!walk_value(&walk, 0))
				return -EBADMSG;
		}
	}
	return walk.position == walk.end ? 0 : -EBADMSG;
}

/**
 * dbus_message_read() - validate a message and take its header apart
 * @message: filled in on success
 * @data: the message and nothing else
 * @length: its length
 * @unix_fds: how many file descriptors came with it
 *
 * The message must say how many file descriptors came. If it says more, libdbus
 * refuses it; those that it says nothing of, libdbus keeps for the messages
 * after it, which nobody can know of who looks at this message alone.
 *
 * Context: may sleep if the message is longer than 16 KiB.
 * Return: 0, or -EBADMSG if the message is not valid, or not of this length.
 */
int dbus_message_read(struct dbus_message *message, const u8 *data, size_t length,
		      unsigned int unix_fds)
{
	int error = dbus_message_read_header(message, data, length);

	if (error)
		return error;
	if (message->frame.message_length != length || message->unix_fds != unix_fds)
		return -EBADMSG;
	return dbus_message_check_body(message, data, length);
}

/*
 * What is in the body
 */

/* Goes to an argument of a valid message, and says whether it is there and of a type. */
static bool walk_to_argument(struct dbus_walk *walk, unsigned int index, const char *type)
{
	/* There is no signature, and so there are no arguments. */
	if (!walk->signature)
		return false;
	for (; index; index--) {
		if (!walk->data[walk->signature] || !walk_value(walk, 0))
			return false;
	}
	return !strncmp(walk->data + walk->signature, type, strlen(type));
}

/**
 * dbus_message_get_string() - find an argument that is a string
 * @message: a message whose body is valid too
 * @data: the message
 * @index: which argument, from 0
 * @string: filled in on success
 *
 * Return: false if there is no such argument, or it is of another type.
 */
bool dbus_message_get_string(const struct dbus_message *message, const u8 *data,
			     unsigned int index, struct dbus_text *string)
{
	struct dbus_walk walk = walk_body(message, data);

	return walk_to_argument(&walk, index, "s") && walk_string(&walk, string);
}

/**
 * dbus_message_get_u32() - read an argument that is a number of 32 bits without sign
 * @message: a message whose body is valid too
 * @data: the message
 * @index: which argument, from 0
 * @value: filled in on success
 *
 * Return: false if there is no such argument, or it is of another type.
 */
bool dbus_message_get_u32(const struct dbus_message *message, const u8 *data,
			  unsigned int index, u32 *value)
{
	struct dbus_walk walk = walk_body(message, data);

	return walk_to_argument(&walk, index, "u") && walk_u32(&walk, value);
}

/**
 * dbus_message_get_strings() - find an argument that is an array of strings
 * @message: a message whose body is valid too
 * @data: the message
 * @index: which argument, from 0
 * @strings: the array's elements, for dbus_strings_next(), filled in on success
 *
 * Return: false if there is no such argument, or it is of another type.
 */
bool dbus_message_get_strings(const struct dbus_message *message, const u8 *data,
			      unsigned int index, struct dbus_text *strings)
{
	struct dbus_walk walk = walk_body(message, data);

	if (!walk_to_argument(&walk, index, "as") || !walk_u32(&walk, &strings->length))
		return false;
	strings->offset = walk.position;
	return true;
}

/**
 * dbus_strings_next() - take the first one of an array's strings
 * @message: the message that the array is in
 * @data: the message
 * @strings: what is left of the array, from dbus_message_get_strings()
 * @string: filled in on success
 *
 * Return: true, or false if none is left.
 */
bool dbus_strings_next(const struct dbus_message *message, const u8 *data,
		       struct dbus_text *strings, struct dbus_text *string)
{
	struct dbus_walk walk = walk_body(message, data);

	walk.position = strings->offset;
	walk.end = strings->offset + strings->length;
	if (!strings->length || !walk_string(&walk, string))
		return false;
	strings->offset = walk.position;
	strings->length = walk.end - walk.position;
	return true;
}

/**
 * dbus_text_equals() - compare a part of a message
 * @data: the message
 * @text: the part
 * @string: what to compare it with
 *
 * Return: true if they are equal.
 */
bool dbus_text_equals(const u8 *data, const struct dbus_text *text, const char *string)
{
	return text->length == strlen(string) && !memcmp(data + text->offset, string, text->length);
}
