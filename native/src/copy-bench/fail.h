/* SPDX-License-Identifier: GPL-2.0-only */
/* How the bench ends when a figure would be wrong: with words, and never with a figure. */
#ifndef FASTIPC_FAIL_H
#define FASTIPC_FAIL_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../error-words.h"

/* The program's name; a program that isn't copy-bench says it before it includes this. */
#ifndef FAIL_PROGRAM
#define FAIL_PROGRAM "copy-bench"
#endif

/* Ends this process at once: the target inherited output that isn't its to flush. */
static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list arguments;

	fputs(FAIL_PROGRAM ": ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(1);
}

#endif
