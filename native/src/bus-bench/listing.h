/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel counts of buses: numbers by names, from /proc/net/dbus */
#ifndef FASTIPC_BUS_BENCH_LISTING_H
#define FASTIPC_BUS_BENCH_LISTING_H

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTERS_MAXIMUM 64

struct counters {
	size_t count;
	struct {
		char name[32];
		unsigned long long value;
	} each[COUNTERS_MAXIMUM];
};

static inline void add_counter(struct counters *counters, const char *word)
{
	const char *value = strchr(word, '=');
	size_t length, i;

	if (!value)
		return;
	length = value - word;
	for (i = 0; i < counters->count; i++)
		if (strlen(counters->each[i].name) == length &&
		    !memcmp(counters->each[i].name, word, length))
			break;
	if (i == COUNTERS_MAXIMUM || length >= sizeof(counters->each[i].name))
		errx(1, "/proc/net/dbus has more or longer names than are known: %s", word);
	if (i == counters->count) {
		memcpy(counters->each[i].name, word, length);
		counters->each[i].name[length] = '\0';
		counters->each[i].value = 0;
		counters->count++;
	}
	counters->each[i].value += strtoull(value + 1, NULL, 10);
}

/*
 * Adds up the lines of all buses that begin with a word: `bus`, or `direct`, which only kernels
 * that deliver directly have.
 */
static inline struct counters read_counters(const char *first)
{
	FILE *stream = fopen("/proc/net/dbus", "r");
	struct counters counters = {};
	char *line = NULL, *word, *rest;
	size_t size = 0;

	if (!stream)
		err(1, "/proc/net/dbus; has this kernel AF_DBUS?");
	while (getline(&line, &size, stream) > 0) {
		word = strtok_r(line, " \n", &rest);
		if (!word || strcmp(word, first))
			continue;
		while ((word = strtok_r(NULL, " \n", &rest)))
			add_counter(&counters, word);
	}
	free(line);
	fclose(stream);
	return counters;
}

static inline unsigned long long counter(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->each[i].name, name))
			return counters->each[i].value;
	errx(1, "/proc/net/dbus doesn't tell '%s'", name);
}

/* As a JSON object */
static inline void print_counters(const struct counters *counters)
{
	putchar('{');
	for (size_t i = 0; i < counters->count; i++)
		printf("%s\"%s\":%llu", i ? "," : "", counters->each[i].name, counters->each[i].value);
	putchar('}');
}

#endif
