// SPDX-License-Identifier: GPL-2.0-only
/* Compares what the kernel's reader says about a message with what libdbus says about it. */
#include "mutate.h"
#include "compare.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	while (size >= DBUS_FIXED_HEADER_LENGTH) {
		size_t length = compare_with_libdbus(data, size);

		if (!length)
			break;
		data += length;
		size -= length;
	}
	return 0;
}
