/* SPDX-License-Identifier: GPL-2.0-only */
/* libFuzzer's mutations, for a stream of D-Bus messages. */
#ifndef FASTIPC_DBUS_MUTATE_H
#define FASTIPC_DBUS_MUTATE_H

#include "generate.h"

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t capacity);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t capacity, unsigned int seed);

/* Has the body's length say how much there is after the header. */
static inline void correct_body_length(u8 *data, size_t size)
{
	struct writer writer = { .data = data, .length = size, .big_endian = data[0] == 'B' };
	struct dbus_frame frame;

	if (size >= DBUS_FIXED_HEADER_LENGTH && !dbus_frame_read(&frame, data) &&
	    frame.header_length <= size)
		overwrite_u32(&writer, 4, size - frame.header_length);
}

/* Changes a byte, or a number, by little. */
static inline void change_little(u8 *data, size_t size, struct random *random)
{
	static const u8 interesting[] = "\0\1\2\x7f\x80\xff" "a(){}vsogyb/.:-_l";
	u8 *byte = data + random_below(random, size);

	switch (random_below(random, 4)) {
	case 0:
		*byte ^= 1 << random_below(random, 8);
		break;
	case 1:
		*byte += one_in(random, 2) ? 1 : -1;
		break;
	case 2:
		*byte = interesting[random_below(random, sizeof(interesting) - 1)];
		break;
	default:
		data[size - 1 - random_below(random, size < 24 ? size : 24)] ^= 1;
	}
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t capacity, unsigned int seed)
{
	struct random random = seed_random(seed);
	u32 kind = random_below(&random, 16);
	size_t length = 0;

	if (kind < 8 || !size) {
		length = generate_message(data, capacity, seed);
		if (kind == 0)
			length += generate_message(data + length, capacity - length, seed + 1ULL);
		if (kind == 1)
			change_little(data, length, &random);
		return length;
	}
	if (kind < 11)
		return LLVMFuzzerMutate(data, size, capacity);
	length = kind < 13 ? LLVMFuzzerMutate(data, size, capacity) : size;
	for (u32 left = 1 + random_below(&random, 3); left; left--)
		change_little(data, length, &random);
	if (kind & 1)
		correct_body_length(data, length);
	return length;
}

#endif
