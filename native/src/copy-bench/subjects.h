/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be measured, by name. */
#ifndef FASTIPC_SUBJECTS_H
#define FASTIPC_SUBJECTS_H

#include "calls.h"
#include "messages.h"

enum direction {
	NO_BYTES, /* what others cost besides the copying; there is nothing to check */
	OWN_TO_BUFFER,
	TARGET_TO_BUFFER,
	BUFFER_TO_TARGET,
};

struct subject {
	const char *name;
	long (*copy)(const struct transfer *transfer);
	enum direction direction;
	long (*send)(const struct transfer *transfer); /* runs in the target meanwhile */
	bool needs_number;
	long number; /* -1 until it is given */
};

static struct subject subjects[] = {
	{ "empty_loop", copy_nothing, NO_BYTES, NULL, false, -1 },
	{ "handshake", receive_turn, NO_BYTES, send_turn, false, -1 },
	{ "floor", copy_floor, OWN_TO_BUFFER, NULL, false, -1 },
	{ "copy_from_process", call_copy_process, TARGET_TO_BUFFER, NULL, true, -1 },
	{ "copy_to_process", call_copy_process, BUFFER_TO_TARGET, NULL, true, -1 },
	{ "process_vm_readv", call_process_vm, TARGET_TO_BUFFER, NULL, true, SYS_process_vm_readv },
	{ "process_vm_writev", call_process_vm, BUFFER_TO_TARGET, NULL, true,
	  SYS_process_vm_writev },
	{ "proc_mem_read", read_memory_file, TARGET_TO_BUFFER, NULL, false, -1 },
	{ "proc_mem_write", write_memory_file, BUFFER_TO_TARGET, NULL, false, -1 },
	{ "proc_mem_read_open", open_and_read, TARGET_TO_BUFFER, NULL, false, -1 },
	{ "proc_mem_write_open", open_and_write, BUFFER_TO_TARGET, NULL, false, -1 },
	{ "shared_memory", receive_shared, TARGET_TO_BUFFER, send_shared, false, -1 },
	{ "pipe", receive_pipe, TARGET_TO_BUFFER, send_pipe, false, -1 },
	{ "vmsplice", receive_pipe, TARGET_TO_BUFFER, send_spliced, false, -1 },
	{ "unix_stream", receive_stream, TARGET_TO_BUFFER, send_stream, false, -1 },
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static struct subject *find_subject(const char *name)
{
	for (size_t i = 0; i < SUBJECTS; i++) {
		if (!strcmp(subjects[i].name, name))
			return &subjects[i];
	}
	fail("there is no subject '%s'; see --help", name);
}

#endif
