/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_COMPARE_FAIL_H
#define FASTIPC_COMPARE_FAIL_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with words on standard error and status 1. */
static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list arguments;

	fputs("process-vm-compare: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

#endif
