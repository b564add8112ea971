/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many calls were made, and how many bytes they copied. At its exit, a process that made
 * any appends a line to the file that FASTIPC_COPY_COUNTS names:
 *
 *	{"program":"hpcc","pid":71,"copy_from_process_calls":12,"copy_from_process_bytes":24000000,
 *	 "copy_to_process_calls":0, …, "process_vm_readv_calls":0, …, "process_vm_writev_bytes":0}
 *
 * It is one write() of a whole line, so that lines of several processes don't mix. Who is
 * killed, ends by _exit() or executes another program leaves none.
 */
#ifndef FASTIPC_COUNTS_H
#define FASTIPC_COUNTS_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

#define COUNTS_VARIABLE "FASTIPC_COPY_COUNTS"
#define COUNTS_LINE_MAXIMUM 1024

enum counted_call {
	COPY_FROM_PROCESS,
	COPY_TO_PROCESS,
	PROCESS_VM_READV,
	PROCESS_VM_WRITEV,
	COUNTED_CALLS,
};

static const char *const counted_names[COUNTED_CALLS] = {
	"copy_from_process", "copy_to_process", "process_vm_readv", "process_vm_writev",
};

/* Changed by any thread, and by signal handlers. */
static struct {
	unsigned long calls;
	unsigned long bytes;
} counts[COUNTED_CALLS];

static inline void count_call(enum counted_call call, long returned)
{
	__atomic_fetch_add(&counts[call].calls, 1, __ATOMIC_RELAXED);
	if (returned > 0)
		__atomic_fetch_add(&counts[call].bytes, returned, __ATOMIC_RELAXED);
}

/* After fork(): what the parent did isn't the child's. */
static inline void forget_counts(void)
{
	memset(counts, 0, sizeof(counts));
}

/* The program's name, with what JSON would want escaped replaced. */
static inline void copy_program_name(char *to, size_t size)
{
	const char *name = program_invocation_short_name;
	size_t i;

	for (i = 0; name[i] && i < size - 1; i++)
		to[i] = name[i] < ' ' || strchr("\"\\\x7f", name[i]) ? '?' : name[i];
	to[i] = '\0';
}

/* Returns the line's length, 0 if there is nothing to tell. */
static inline int format_counts(char *line, size_t size)
{
	unsigned long calls = 0;
	char program[64];
	int length;

	copy_program_name(program, sizeof(program));
	length = snprintf(line, size, "{\"program\":\"%s\",\"pid\":%d", program, getpid());
	for (int i = 0; i < COUNTED_CALLS; i++) {
		calls += counts[i].calls;
		length += snprintf(line + length, size - length,
				   ",\"%s_calls\":%lu,\"%s_bytes\":%lu", counted_names[i],
				   counts[i].calls, counted_names[i], counts[i].bytes);
	}
	length += snprintf(line + length, size - length, "}\n");
	return calls ? length : 0;
}

static inline void write_counts(void)
{
	const char *path = secure_getenv(COUNTS_VARIABLE);
	char line[COUNTS_LINE_MAXIMUM];
	int length, file;

	if (!path || !*path)
		return;
	length = format_counts(line, sizeof(line));
	if (!length)
		return;
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (file < 0 || write(file, line, length) != length)
		complain(COUNTS_VARIABLE "=%s can't be written: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
}

#endif
