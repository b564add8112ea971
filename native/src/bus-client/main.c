// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of a bus, or of one other client, by sd-bus or libdbus: what bus-bench measures.
 *
 *	bus-client --library sd-bus|libdbus --role service|caller
 *		--address ADDRESS | --socket FD [--addressed]
 *		--workload call|call-as|call-asv|signal|pipelined --bytes BYTES
 *		[--peer NAME] [--acknowledge FD]
 *
 * The socket is connected already. With --addressed a daemon is played at its other end until
 * Hello is answered, and each message names its receiver and its sender, as on a bus.
 *
 * Prints `started`, and `ready NAME` when it is on the bus. A service then waits for a line `serve`, and serves
 * for ever. A caller waits for lines `run COUNT NANOSECONDS`: it sends at least so many messages,
 * for at least so long, and prints `ran COUNT NANOSECONDS`, with what it was.
 *
 * Signals go in batches, each of which waits until the service has written a byte to the pipe FD
 * for the former one, so that no more of them are under way than fit into every queue.
 */
#define _GNU_SOURCE
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../bus-bench/batch.h"
#include "../bus-bench/clock.h"
#include "client.h"

static const struct library *library;
static struct endpoint endpoint = { .socket = -1 };
static struct request request;
static const char *role, *workload, *peer;
static int acknowledge = -1;

static char bytes_of_body[BYTES_MAXIMUM];
char *const body_bytes = bytes_of_body;

static size_t parse_number(const char *option, const char *text, size_t most)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!*text || *end || number > most)
		errx(2, "--%s has to be a number up to %zu, got '%s'", option, most, text);
	return number;
}

static const char *const workloads[] = { "call", "call-as", "call-asv", "signal", "pipelined", NULL };

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word))
		words++;
	return *words;
}

static const struct library *find_library(const char *name)
{
	if (!strcmp(name, sd_bus_library.name))
		return &sd_bus_library;
	if (!strcmp(name, libdbus_library.name))
		return &libdbus_library;
	errx(2, "--library has to be sd-bus or libdbus, got '%s'", name);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "library", required_argument, NULL, 'l' }, { "role", required_argument, NULL, 'r' },
		{ "address", required_argument, NULL, 'a' }, { "socket", required_argument, NULL, 's' },
		{ "addressed", no_argument, NULL, 'd' },     { "workload", required_argument, NULL, 'w' },
		{ "bytes", required_argument, NULL, 'b' },   { "peer", required_argument, NULL, 'p' },
		{ "acknowledge", required_argument, NULL, 'k' }, {},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'l': library = find_library(optarg); break;
		case 'r': role = optarg; break;
		case 'a': endpoint.address = optarg; break;
		case 's': endpoint.socket = parse_number("socket", optarg, 1 << 20); break;
		case 'd': endpoint.is_addressed = true; break;
		case 'w': workload = optarg; break;
		case 'b': request.bytes = parse_number("bytes", optarg, BYTES_MAXIMUM); break;
		case 'p': peer = optarg; break;
		case 'k': acknowledge = parse_number("acknowledge", optarg, 1 << 20); break;
		default: exit(2);
		}
	}
	if (!library || !role || !workload || optind != argc)
		errx(2, "--library, --role and --workload are needed, and nothing but options");
	if (!is_one_of(workload, workloads))
		errx(2, "there is no workload '%s'", workload);
	if (!endpoint.address == (endpoint.socket < 0))
		errx(2, "one of --address and --socket is needed");
	endpoint.is_bus = endpoint.address || endpoint.is_addressed;
}

/* At the service: a batch that is complete is acknowledged. */
static void signal_came(void)
{
	static unsigned int count;

	if (++count < batch_of_signals(request.bytes))
		return;
	count = 0;
	if (write(acknowledge, "", 1) != 1)
		err(1, "acknowledge signals");
}

static void send_batch(void)
{
	char byte;

	library->send_signals(&request, batch_of_signals(request.bytes));
	if (read(acknowledge, &byte, 1) != 1)
		errx(1, "the service didn't acknowledge signals");
}

static void read_line(char *line, size_t size)
{
	if (!fgets(line, size, stdin))
		exit(0);
}

static void serve(void)
{
	char line[64];

	/* Without a daemon there are no names. */
	if (endpoint.address)
		library->request_name(SERVICE);
	printf("ready %s\n", library->unique_name());
	read_line(line, sizeof(line));
	library->serve(signal_came);
}

/* Sends the messages of one turn. */
static void take_turn(unsigned int size)
{
	if (!strcmp(workload, "signal"))
		send_batch();
	else
		library->call(&request, size);
}

static unsigned int size_of_turn(void)
{
	if (!strcmp(workload, "signal"))
		return batch_of_signals(request.bytes);
	return strcmp(workload, "pipelined") ? 1 : PIPELINED;
}

static void run(unsigned long least, unsigned long nanoseconds)
{
	unsigned int size = size_of_turn();
	uint64_t start = now(), elapsed;
	unsigned long count = 0;

	/* The clock is looked at in each turn, whether it is to be waited for or not. */
	do {
		take_turn(size);
		count += size;
		elapsed = now() - start;
	} while (count < least || elapsed < nanoseconds);
	printf("ran %lu %lu\n", count, elapsed);
}

static void call(void)
{
	unsigned long count, nanoseconds;
	char line[64];

	if (endpoint.is_bus)
		request.destination = strcmp(workload, "signal") ? SERVICE : peer;
	if (!strcmp(workload, "call-as"))
		request.body = BODY_STRINGS;
	else if (!strcmp(workload, "call-asv"))
		request.body = BODY_DICTIONARY;
	printf("ready %s\n", library->unique_name());
	for (;;) {
		read_line(line, sizeof(line));
		if (sscanf(line, "run %lu %lu", &count, &nanoseconds) != 2)
			errx(2, "'run COUNT NANOSECONDS' was expected, got: %s", line);
		run(count, nanoseconds);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	parse(argc, argv);
	printf("started\n");
	memset(bytes_of_body, 'x', request.bytes);
	library->connect(&endpoint);
	if (!strcmp(role, "service"))
		serve();
	else if (!strcmp(role, "caller"))
		call();
	errx(2, "--role has to be service or caller, got '%s'", role);
}
