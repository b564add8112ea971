/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_DBUS_REQUIRE_H
#define FASTIPC_DBUS_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the program as libFuzzer expects of a finding, unless the condition holds. */
#define require(condition, ...)                                                \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not %s: ", __FILE__, __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                          \
			fputc('\n', stderr);                                   \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
