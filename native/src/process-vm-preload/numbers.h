/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers of copy_from_process() and copy_to_process(), which depend on the kernel's
 * tree: those of the JSON file that FASTIPC_SYSCALL_NUMBERS names, such as
 * {"copy_from_process": 473, "copy_to_process": 474}. There are none built in: on a kernel
 * without the calls, a number could be another call's.
 */
#ifndef FASTIPC_NUMBERS_H
#define FASTIPC_NUMBERS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

#define NUMBERS_VARIABLE "FASTIPC_SYSCALL_NUMBERS"

/* A whole table of system calls has about 10,000. */
#define NUMBERS_FILE_MAXIMUM 65536
#define NUMBER_MAXIMUM 0xffff

/* Negative where the kernel has no such call. */
struct copy_numbers {
	long from;
	long to;
};

/* Reads the whole file into @text, which it ends with a NUL; false, and words, if it can't. */
static inline bool read_numbers_file(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = file < 0 ? -1 : 1;
	size_t length = 0;

	while (got > 0 && length < size - 1) {
		got = read(file, text + length, size - 1 - length);
		length += got > 0 ? got : 0;
	}
	text[length] = '\0';
	if (got < 0)
		complain(NUMBERS_VARIABLE "=%s can't be read: %s", path, strerror(errno));
	else if (got > 0)
		complain(NUMBERS_VARIABLE "=%s has more than %zu bytes", path, size - 2);
	if (file >= 0)
		close(file);
	return got == 0;
}

/* The value of "name" in a flat JSON object; -1 if it isn't there or is no number of a call. */
static inline long find_number(const char *text, const char *name)
{
	char quoted[64];
	const char *found;
	long number;
	char *end;

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	found = strstr(text, quoted);
	if (!found)
		return -1;
	found += strlen(quoted);
	found += strspn(found, " \t\r\n");
	if (*found++ != ':')
		return -1;
	number = strtol(found, &end, 10);
	return end == found || number < 0 || number > NUMBER_MAXIMUM ? -1 : number;
}

static inline struct copy_numbers read_copy_numbers(void)
{
	struct copy_numbers none = { .from = -1, .to = -1 };
	const char *path = secure_getenv(NUMBERS_VARIABLE);
	char text[NUMBERS_FILE_MAXIMUM];
	struct copy_numbers numbers;

	if (!path || !*path || !read_numbers_file(path, text, sizeof(text)))
		return none;
	numbers.from = find_number(text, "copy_from_process");
	numbers.to = find_number(text, "copy_to_process");
	return numbers.from < 0 || numbers.to < 0 ? none : numbers;
}

#endif
