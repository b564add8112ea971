// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races of copy_from_process() and copy_to_process() with whatever may happen meanwhile.
 * One of them is run for so many seconds; each call that returns is judged: what may come
 * back, that every byte that was counted is in place, that none beyond is touched, that
 * none is another program's. In the end there is one JSON object on a line:
 *
 *	{"race":"exit","seconds":1.00,"copies":{"from_pid":{"full":93,"short":11,"ESRCH":40},
 *	 ...},"events":{},"longest_microseconds":0}
 *
 * (in one line). The program fails if something came back that must not, and as well if
 * what shows that the race was met never occurred.
 */
#define _GNU_SOURCE
#include <getopt.h>

#include "copy-races/blocked.h"
#include "copy-races/crossed.h"
#include "copy-races/disturbances.h"
#include "copy-races/dumps.h"
#include "copy-races/execs.h"
#include "copy-races/exits.h"
#include "copy-races/forks.h"
#include "copy-races/freeze.h"
#include "copy-races/interrupted.h"
#include "copy-races/limits.h"
#include "copy-races/releases.h"
#include "parse-number.h"

#define SECONDS_MAXIMUM 86400

static const struct race races[] = {
	{
		.name = "exit",
		.meets = "the target exits, is killed, loses its leader",
		.run = run_exit,
		.may = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
	},
	{
		.name = "exec",
		.meets = "the target executes another program",
		.run = run_exec,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_read = BIT(FULL) | BIT(SHORT),
		.must_write = BIT(FULL) | BIT(SHORT),
		.events = { [SEEN_BEFORE] = "of_old_program", [SEEN_AFTER] = "of_new_program" },
	},
	{
		.name = "exec-by-thread",
		.meets = "a thread that isn't the leader executes another program",
		.run = run_exec_by_thread,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.events = { [SEEN_BEFORE] = "of_old_program", [SEEN_AFTER] = "of_new_program" },
	},
	{
		.name = "exec-set-user-id",
		.meets = "the target executes a program that the caller may not copy",
		.run = run_exec_set_user_id,
		.may = BIT(FULL) | BIT(SHORT) | BIT(DENIED),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(DENIED),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(DENIED),
	},
	{
		.name = "mrelease",
		.meets = "process_mrelease() takes a killed target's memory away",
		.run = run_mrelease,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.events = { [RELEASED_DURING_COPY] = "released_during_copy" },
	},
	{
		.name = "fork",
		.meets = "the target forks; no child sees what is written later",
		.run = run_fork,
		.may = BIT(FULL),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = { [WATCHED_DURING_COPY] = "watched_during_copy" },
	},
	{
		.name = "blocked",
		.meets = "the target does anything while the caller waits in the middle of a batch",
		.run = run_blocked,
		.may = BIT(FULL) | BIT(SHORT),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = {
			[UNMAPS] = "unmapped", [PROTECTS] = "protected", [MOVES] = "moved",
			[DISCARDS] = "discarded", [PAGES_OUT] = "paged_out", [FORKS] = "forked",
			[EXITS] = "exited", [EXECS] = "executed",
			[CALLER_KILLED] = "caller_killed",
			[CALLER_KILLED_IN_TARGET] = "caller_killed_in_target",
			[TARGET_KILLED] = "target_killed",
		},
	},
	{
		.name = "unmap",
		.meets = "the target unmaps its memory and maps it again",
		.run = run_unmap,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
	},
	{
		.name = "mremap",
		.meets = "the target moves its memory away and back",
		.run = run_mremap,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
	},
	{
		.name = "mprotect",
		.meets = "the target changes what its memory may be used for",
		.run = run_mprotect,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
	},
	{
		.name = "collapse",
		.meets = "huge pages are made of small ones and taken apart",
		.run = run_collapse,
		.may = BIT(FULL),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = { [COLLAPSED] = "collapsed", [SPLIT] = "split" },
	},
	{
		.name = "pageout",
		.meets = "the target's pages are swapped out, and freed lazily before",
		.run = run_pageout,
		.may = BIT(FULL),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = { [SWAPPED_OUT] = "swapped_out" },
	},
	{
		.name = "dump",
		.meets = "the target dumps core",
		.run = run_dump,
		.may = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(NOBODY),
		.events = { [COPIED_DURING_DUMP] = "copied_during_dump" },
	},
	{
		.name = "freeze",
		.meets = "the target is frozen and thawed",
		.run = run_freeze,
		.may = BIT(FULL),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = {
			[COPIED_WHILE_FROZEN] = "copied_while_frozen",
			[FROZEN_DURING_COPY] = "frozen_during_copy",
		},
	},
	{
		.name = "oom",
		.meets = "the OOM killer kills the target",
		.run = run_oom,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(NOBODY),
		.events = { [OOM_KILLED] = "oom_killed" },
	},
	{
		.name = "memory-limit",
		.meets = "a memory cgroup is full; the target of one dies",
		.run = run_memory_limit,
		.may = BIT(FULL) | BIT(SHORT) | BIT(FAULT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.must_write = BIT(FULL) | BIT(SHORT) | BIT(FAULT),
		.events = {
			[CHARGED_TO_TARGET] = "charged_to_target",
			[DIED_DURING_COPY] = "died_during_copy",
		},
	},
	{
		.name = "crossed",
		.meets = "two processes copy out of and into each other",
		.run = run_crossed,
		.may = BIT(FULL),
		.must_read = BIT(FULL),
		.must_write = BIT(FULL),
		.events = { [BOTH_COPIED] = "both_copied" },
	},
	{
		.name = "threads",
		.meets = "a thousand threads copy one target, until it is killed",
		.run = run_threads,
		.may = BIT(FULL) | BIT(SHORT) | BIT(NOBODY),
		.must_read = BIT(FULL) | BIT(NOBODY),
		.must_write = BIT(FULL) | BIT(NOBODY),
	},
	{
		.name = "interrupted",
		.meets = "the caller is killed, stopped, traced, frozen, sent a signal in 1 GiB",
		.run = run_interrupted,
		.may = BIT(SHORT),
		.must_read = BIT(SHORT),
		.must_write = BIT(SHORT),
		.events = {
			[BY_KILL] = "killed", [BY_STOP] = "stopped", [BY_HANDLER] = "handled",
			[BY_TRACER] = "traced", [BY_FREEZER] = "frozen",
		},
	},
};

#define RACES (sizeof(races) / sizeof(races[0]))

static const struct race *find_race(const char *name)
{
	for (size_t i = 0; i < RACES; i++) {
		if (!strcmp(races[i].name, name))
			return &races[i];
	}
	fail("there is no race '%s'; see --help", name);
}

static _Noreturn void print_help(void)
{
	printf("usage: copy-races --from NUMBER --to NUMBER RACE SECONDS\n\n"
	       "--from, --to: numbers of copy_from_process and copy_to_process\n"
	       "SECONDS: how long at least; longer until the race was met. Needs root.\n\n"
	       "Races:\n");
	for (size_t i = 0; i < RACES; i++)
		printf("  %-17s %s\n", races[i].name, races[i].meets);
	exit(0);
}

static void parse_arguments(int count, char **arguments)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == 'f')
			from_number = parse_number(optarg, "--from", INT_MAX);
		else if (option == 't')
			to_number = parse_number(optarg, "--to", INT_MAX);
		else if (option == 'h')
			print_help();
		else
			fail("see --help");
	}
	if (optind + 2 != count || from_number < 0 || to_number < 0)
		fail("--from, --to, a race and seconds are needed; see --help");
	race = find_race(arguments[optind]);
	race_name = race->name;
	run_seconds = parse_number(arguments[optind + 1], "seconds", SECONDS_MAXIMUM);
}

static void on_hang(int signal __attribute__((unused)))
{
	static const char words[] = "copy-races: nothing has come back for too long: a deadlock\n";

	_exit(write(2, words, sizeof(words) - 1) < 0 ? 2 : 1);
}

static void print_copies(void)
{
	printf("\"copies\":{");
	for (int i = 0; i < WAYS; i++) {
		bool first = true;

		printf("%s\"%s\":{", i ? "," : "", ways[i].name);
		for (int j = 0; j < OUTCOMES; j++) {
			uint64_t times = stage->tally[i][j];

			if (times)
				printf("%s\"%s\":%lu", first ? "" : ",", outcome_names[j], times);
			first &= !times;
		}
		printf("}");
	}
	printf("}");
}

static void print_report(void)
{
	printf("{\"race\":\"%s\",\"seconds\":%.2f,", race->name, (now() - run_begin) / 1e9);
	print_copies();
	printf(",\"events\":{");
	for (int i = 0; i < EVENTS_MAXIMUM && race->events[i]; i++)
		printf("%s\"%s\":%lu", i ? "," : "", race->events[i], stage->events[i]);
	printf("},\"longest_microseconds\":%lu}\n", stage->longest / 1000);
	if (fflush(stdout) == EOF)
		fail("standard output: %s", error_words(errno));
}

int main(int count, char **arguments)
{
	struct sigaction hang = { .sa_handler = on_hang };

	if (count == 3 && !strncmp(arguments[1], OTHER_PROGRAM, strlen(OTHER_PROGRAM)))
		return run_other_program(arguments);
	parse_arguments(count, arguments);
	stage = map(NULL, sizeof(*stage), MAP_SHARED, -1);
	stage->judge = getpid();
	place_memory();
	sigaction(SIGALRM, &hang, NULL);
	run_begin = now();
	race->run();
	print_report();
	if (missing())
		fail("in %.0f s there was none of: %s", (now() - run_begin) / 1e9, missing());
	return 0;
}
