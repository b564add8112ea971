/* SPDX-License-Identifier: GPL-2.0-only */
/* What is measured at a time, and what came of it */
#ifndef FASTIPC_BUS_BENCH_MEASUREMENT_H
#define FASTIPC_BUS_BENCH_MEASUREMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "listing.h"

struct measurement {
	char subject[32], client[16], workload[32];
	unsigned long bytes;
	/* So many messages before, and so many at least that are measured */
	unsigned long warm_up, least;
	/* Where the kernel delivers directly: how long a flow lives, and how many lives it takes. */
	unsigned long lifetime_ms, lifetimes;
};

struct programs {
	/* Paths of bus-client and libdbus-preload.so */
	const char *client, *library;
	/* Whether the kernel delivers directly */
	bool direct;
};

static inline bool is_subject(const struct measurement *measurement, const char *name)
{
	return !strcmp(measurement->subject, name);
}

static inline bool is_workload(const struct measurement *measurement, const char *name)
{
	return !strcmp(measurement->workload, name);
}

/* Calls with others on the bus, which is one of their own; measured before those come, too */
static inline bool has_others(const struct measurement *measurement)
{
	return is_workload(measurement, "crowded") || is_workload(measurement, "stopped-reader");
}

/* How long a measurement has to go on at least */
static inline uint64_t least_nanoseconds(const struct measurement *measurement)
{
	return measurement->lifetimes * measurement->lifetime_ms * 1000000ull;
}

/* `SUBJECT,CLIENT,WORKLOAD,BYTES,WARM-UP,LEAST,LIFETIME,LIFETIMES` */
static inline struct measurement parse_measurement(const char *word)
{
	struct measurement parsed;
	int length = 0;

	if (sscanf(word, "%31[^,],%15[^,],%31[^,],%lu,%lu,%lu,%lu,%lu%n", parsed.subject,
		   parsed.client, parsed.workload, &parsed.bytes, &parsed.warm_up, &parsed.least,
		   &parsed.lifetime_ms, &parsed.lifetimes, &length) != 8 || word[length])
		errx(2, "a measurement has to be SUBJECT,CLIENT,WORKLOAD,BYTES,WARM-UP,LEAST,LIFETIME,"
		     "LIFETIMES, got '%s'", word);
	if (parsed.bytes > BYTES_MAXIMUM || !parsed.least)
		errx(2, "'%s': BYTES has to be up to %d, LEAST from 1 on", word, BYTES_MAXIMUM);
	return parsed;
}

/* One line of JSON. @before, @after: what the kernel counted, NULL where it wasn't asked */
static inline void print_figure(const struct measurement *measurement, unsigned long messages,
				uint64_t nanoseconds, const struct counters *before,
				const struct counters *after)
{
	printf("{\"subject\":\"%s\",\"client\":\"%s\",\"workload\":\"%s\",\"bytes\":%lu,",
	       measurement->subject, measurement->client, measurement->workload, measurement->bytes);
	printf("\"messages\":%lu,\"nanoseconds\":%.2f,\"counters\":", messages,
	       (double)nanoseconds / messages);
	if (before) {
		printf("{\"before\":");
		print_counters(before);
		printf(",\"after\":");
		print_counters(after);
		printf("}}\n");
	} else {
		printf("null}\n");
	}
	fflush(stdout);
}

#endif
