/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FASTIPC_ERROR_WORDS_H
#define FASTIPC_ERROR_WORDS_H

#include <stdio.h>
#include <string.h>

/* An errno as "EPERM (Operation not permitted)", until the next one is asked for. */
static const char *error_words(int error)
{
	static char words[128];
	const char *name = strerrorname_np(error);

	snprintf(words, sizeof(words), "%s (%s)", name ? name : "errno", strerror(error));
	return words;
}

#endif
