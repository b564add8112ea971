/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the hash chains are in which the kernel looks for flows: counts of instructions don't
 * tell what it takes to get at their entries, which no cache may have. Counted by kprobes, on
 * kernels with CONFIG_KPROBE_EVENTS; a kernel has nothing of its own for it.
 */
#ifndef FASTIPC_BUS_BENCH_CHAINS_H
#define FASTIPC_BUS_BENCH_CHAINS_H

#include <stdbool.h>

#include "crowd.h"
#include "listing.h"

#define TRACING "/sys/kernel/tracing/"

/*
 * So many, spread over the crowd, send all their signals once more, one at a time. The flows of who
 * came last would be the first ones in their chains.
 */
#define CHAINS_SENDERS 100

/*
 * Functions of net/dbus/flow.c: looks for a flow; is called for each one in the chain, unless a
 * compiler has put it into its callers.
 */
#define CHAINS_PROBES "p:fastipc/lookups dbus_flow_find\np:fastipc/compared dbus_compare_flow\n"

struct chains {
	unsigned long long lookups, compared, longest;
};

/* Returns whether the kernel took it; if not, errno says why. */
static inline bool try_tracing(const char *name, const char *text)
{
	char file[128];
	FILE *stream;
	bool taken;

	snprintf(file, sizeof(file), TRACING "%s", name);
	stream = fopen(file, "w");
	if (!stream)
		return false;
	taken = fputs(text, stream) >= 0;
	return !fclose(stream) && taken;
}

static inline void write_tracing(const char *name, const char *text)
{
	if (!try_tracing(name, text))
		err(1, "write '%s' to " TRACING "%s", text, name);
}

static inline struct chains read_probes(void)
{
	FILE *stream = fopen(TRACING "kprobe_profile", "r");
	struct chains hits = {};
	unsigned long long count;
	char name[64];

	if (!stream)
		err(1, "open " TRACING "kprobe_profile");
	while (fscanf(stream, "%63s %llu %*u", name, &count) == 2) {
		if (!strcmp(name, "lookups"))
			hits.lookups = count;
		else if (!strcmp(name, "compared"))
			hits.compared = count;
	}
	fclose(stream);
	return hits;
}

/* The kernel may look more than once for a message, and finds the same. */
static inline void count_chain(const struct crowd *crowd, size_t from, int kind,
			       struct message *message, struct chains *chains)
{
	struct chains before = read_probes(), after;
	unsigned long long lookups, compared;

	send_kind(crowd, from, kind, 2 + CROWD_FLOWS + kind, message);
	after = read_probes();
	lookups = after.lookups - before.lookups;
	compared = after.compared - before.compared;
	if (!lookups || compared < lookups)
		errx(1, "the kernel looked %llu times for a flow that it has learned, and compared %llu",
		     lookups, compared);
	chains->lookups += lookups;
	chains->compared += compared;
	if (compared / lookups > chains->longest)
		chains->longest = compared / lookups;
}

/* Adds what was counted to @counters, if this kernel can be asked. */
static inline void measure_chains(const struct crowd *crowd, struct counters *counters)
{
	static struct message message;
	struct chains chains = {};
	char word[64];

	if (!try_tracing("kprobe_events", CHAINS_PROBES)) {
		warn("hash chains aren't measured: " TRACING "kprobe_events: dbus_flow_find, dbus_compare_flow");
		/* It may have taken the first one. */
		try_tracing("kprobe_events", "");
		return;
	}
	write_tracing("events/fastipc/enable", "1");
	for (size_t from = 0; from < CROWD; from += CROWD / CHAINS_SENDERS) {
		for (int kind = 0; kind < CROWD_FLOWS; kind++)
			count_chain(crowd, from, kind, &message, &chains);
		receive_kinds(crowd->fd[(from + 1) % CROWD], crowd->name[from], &message);
	}
	write_tracing("events/fastipc/enable", "0");
	write_tracing("kprobe_events", "");
	snprintf(word, sizeof(word), "flow_lookups=%llu", chains.lookups);
	add_counter(counters, word);
	snprintf(word, sizeof(word), "flows_compared=%llu", chains.compared);
	add_counter(counters, word);
	snprintf(word, sizeof(word), "longest_chain=%llu", chains.longest);
	add_counter(counters, word);
}

#endif
