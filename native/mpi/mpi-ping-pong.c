// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages to and fro between ranks 0 and 1, 2 and 3 …, all pairs at the same time:
 *
 *	mpi-ping-pong SIZES [ROUNDS]
 *
 * SIZES are bytes with commas between them. They are measured one after another, all of them
 * ROUNDS times (once). For each, rank 0 prints a JSON object in a line:
 *
 *	{"bytes":65536,"messages":424,"microseconds":81.25}
 *
 * messages: how many of that size all ranks sent, those that weren't timed included
 * microseconds: half a round trip by the clock, the mean of all pairs
 *
 * The bytes that arrive are looked at after the warm-up, and when the clock has stopped.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZES_MAXIMUM 64
#define WARM_UP 3
#define TAG 0

/* As many round trips as take about so long, within limits. */
#define MEASURED_SECONDS 0.03
#define ROUND_TRIPS_MAXIMUM 200
#define ROUND_TRIPS_MINIMUM 4

struct pair {
	int rank, peer;
	unsigned char *sent, *received;
};

static _Noreturn void fail(const char *what, const char *value)
{
	fprintf(stderr, "mpi-ping-pong: %s '%s'\n", what, value);
	MPI_Abort(MPI_COMM_WORLD, 1);
	abort();
}

static long parse_number(const char *text, char **end)
{
	long number = strtol(text, end, 10);

	if (*end == text || number < 1 || number > 1 << 30)
		fail("expected a number from 1 to 2^30, got", text);
	return number;
}

static int parse_sizes(char *text, long *sizes)
{
	int count = 0;

	for (;; text++) {
		if (count == SIZES_MAXIMUM)
			fail("too many sizes:", text);
		sizes[count++] = parse_number(text, &text);
		if (!*text)
			return count;
		if (*text != ',')
			fail("expected a comma between sizes, got", text);
	}
}

static unsigned char expected_byte(int rank, long i)
{
	return rank * 101 + i * 7 + (i >> 12);
}

static void fill(unsigned char *memory, long bytes, int rank)
{
	for (long i = 0; i < bytes; i++)
		memory[i] = expected_byte(rank, i);
}

static void check(const unsigned char *memory, long bytes, int rank)
{
	for (long i = 0; i < bytes; i++) {
		if (memory[i] != expected_byte(rank, i))
			fail("a wrong byte arrived", "in a message");
	}
}

static void exchange(const struct pair *pair, long bytes, long round_trips)
{
	for (long i = 0; i < round_trips; i++) {
		if (pair->rank < pair->peer)
			MPI_Send(pair->sent, bytes, MPI_BYTE, pair->peer, TAG, MPI_COMM_WORLD);
		MPI_Recv(pair->received, bytes, MPI_BYTE, pair->peer, TAG, MPI_COMM_WORLD,
			 MPI_STATUS_IGNORE);
		if (pair->rank > pair->peer)
			MPI_Send(pair->sent, bytes, MPI_BYTE, pair->peer, TAG, MPI_COMM_WORLD);
	}
}

/* By how long the warm-up took rank 0; the same for all ranks. */
static long choose_round_trips(double seconds)
{
	long round_trips = MEASURED_SECONDS / (seconds / WARM_UP + 1e-9);

	if (round_trips > ROUND_TRIPS_MAXIMUM)
		round_trips = ROUND_TRIPS_MAXIMUM;
	if (round_trips < ROUND_TRIPS_MINIMUM)
		round_trips = ROUND_TRIPS_MINIMUM;
	MPI_Bcast(&round_trips, 1, MPI_LONG, 0, MPI_COMM_WORLD);
	return round_trips;
}

/* Seconds for so many round trips, from when all ranks are ready. */
static double time_exchange(const struct pair *pair, long bytes, long round_trips)
{
	double start;

	memset(pair->received, 0, bytes);
	MPI_Barrier(MPI_COMM_WORLD);
	start = MPI_Wtime();
	exchange(pair, bytes, round_trips);
	start = MPI_Wtime() - start;
	check(pair->received, bytes, pair->peer);
	return start;
}

static void measure_and_print(const struct pair *pair, int ranks, long bytes)
{
	long round_trips = choose_round_trips(time_exchange(pair, bytes, WARM_UP));
	double mine = time_exchange(pair, bytes, round_trips) / round_trips / 2 * 1e6, sum = 0;

	MPI_Reduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	if (pair->rank)
		return;
	printf("{\"bytes\":%ld,\"messages\":%ld,\"microseconds\":%.3f}\n", bytes,
	       ranks * (WARM_UP + round_trips), sum / ranks);
	fflush(stdout);
}

static unsigned char *allocate(long bytes)
{
	unsigned char *memory = aligned_alloc(4096, (bytes + 4095) & -4096L);

	if (!memory)
		fail("there is no memory", "for the messages");
	return memory;
}

int main(int count, char **arguments)
{
	long sizes[SIZES_MAXIMUM], rounds = 1, largest = 0;
	int size_count, ranks;
	struct pair pair;
	char *end;

	MPI_Init(&count, &arguments);
	MPI_Comm_rank(MPI_COMM_WORLD, &pair.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (count < 2 || count > 3)
		fail("expected SIZES and perhaps ROUNDS;", "there are more or fewer arguments");
	if (ranks % 2)
		fail("expected an even number of ranks;", "it is odd");
	size_count = parse_sizes(arguments[1], sizes);
	if (count == 3)
		rounds = parse_number(arguments[2], &end);
	for (int i = 0; i < size_count; i++)
		largest = sizes[i] > largest ? sizes[i] : largest;
	pair.peer = pair.rank ^ 1;
	pair.sent = allocate(largest);
	pair.received = allocate(largest);
	fill(pair.sent, largest, pair.rank);
	for (long round = 0; round < rounds; round++) {
		for (int i = 0; i < size_count; i++)
			measure_and_print(&pair, ranks, sizes[i]);
	}
	MPI_Finalize();
	return 0;
}
