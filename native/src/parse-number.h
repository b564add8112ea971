/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of a command line. The program has a fail(), as each ends in its own way. */
#ifndef FASTIPC_PARSE_NUMBER_H
#define FASTIPC_PARSE_NUMBER_H

#include <errno.h>
#include <stdlib.h>

/* A decimal number from 1 to `most`; for any other text it fails, and names it `what`. */
static unsigned long parse_number(const char *text, const char *what, unsigned long most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value == 0 || value > most)
		fail("%s has to be a number from 1 to %lu, got '%s'", what, most, text);
	return value;
}

#endif
