/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with the preloading itself, said on standard error; the program goes on. */
#ifndef FASTIPC_COMPLAIN_H
#define FASTIPC_COMPLAIN_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static inline void __attribute__((format(printf, 1, 2))) complain(const char *format, ...)
{
	va_list arguments;

	fputs("libprocess-vm-preload: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

#endif
