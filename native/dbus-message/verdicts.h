/* SPDX-License-Identifier: GPL-2.0-only */
/* How often libdbus gave which verdict: shows how deep the messages went. */
#ifndef FASTIPC_DBUS_VERDICTS_H
#define FASTIPC_DBUS_VERDICTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERDICTS_MAX 100

struct verdict {
	char text[120];
	unsigned long count;
};

static struct verdict verdicts[VERDICTS_MAX];

static inline void print_verdicts(void)
{
	for (struct verdict *verdict = verdicts; verdict->count; verdict++)
		fprintf(stderr, "verdict::%s: %lu\n", verdict->text, verdict->count);
}

static inline void count_verdict(const char *text)
{
	struct verdict *verdict = verdicts;

	if (!verdict->count)
		atexit(print_verdicts);
	while (verdict->count && strcmp(verdict->text, text))
		verdict++;
	if (verdict == verdicts + VERDICTS_MAX - 1)
		return;
	if (!verdict->count++)
		snprintf(verdict->text, sizeof(verdict->text), "%s", text);
}

#endif
