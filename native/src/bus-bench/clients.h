/* SPDX-License-Identifier: GPL-2.0-only */
/* bus-client's processes: started, told what to do, listened to and ended */
#ifndef FASTIPC_BUS_BENCH_CLIENTS_H
#define FASTIPC_BUS_BENCH_CLIENTS_H

#include "clock.h"
#include "introduce.h"
#include "subject.h"

#define CALLERS_MAXIMUM 64

struct client {
	pid_t pid;
	/* Lines to it and from it */
	FILE *to, *from;
};

/* A service and those who call it */
struct clients {
	struct client service;
	char service_name[NAME_SIZE];
	size_t callers;
	struct client caller[CALLERS_MAXIMUM];
};

/* Arguments of a program that are put together in steps */
struct arguments {
	const char *words[32];
	char numbers[8][16];
	size_t count, number_count;
};

static inline void add_words(struct arguments *arguments, const char *option, const char *value)
{
	arguments->words[arguments->count++] = option;
	if (value)
		arguments->words[arguments->count++] = value;
}

static inline void add_number(struct arguments *arguments, const char *option, unsigned long value)
{
	char *text = arguments->numbers[arguments->number_count++];

	snprintf(text, sizeof(arguments->numbers[0]), "%lu", value);
	add_words(arguments, option, text);
}

static inline size_t callers_of(const struct measurement *measurement)
{
	unsigned int count = 1;

	sscanf(measurement->workload, "call-%u-clients", &count);
	if (count < 1 || count > CALLERS_MAXIMUM)
		errx(2, "%s: there have to be 1 to %d", measurement->workload, CALLERS_MAXIMUM);
	return count;
}

/* Workloads that differ only in who else is there are calls for bus-client, which knows the rest. */
static inline const char *client_workload(const struct measurement *measurement)
{
	return callers_of(measurement) > 1 || has_others(measurement) ?
	       "call" : measurement->workload;
}

static inline _Noreturn void execute_client(const struct subject *subject,
					    const struct programs *programs,
					    struct arguments *arguments, int input, int output)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (subject->converted) {
		setenv("LD_PRELOAD", programs->library, 1);
		setenv("FASTIPC_DBUS_ADDRESSES", subject->path, 1);
	}
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0)
		err(1, "dup2");
	arguments->words[arguments->count] = NULL;
	execv(programs->client, (char *const *)arguments->words);
	err(1, "%s", programs->client);
}

/* @kept: descriptors that it gets besides, -1 for none */
static inline struct client spawn_client(const struct subject *subject,
					 const struct programs *programs,
					 struct arguments *arguments, const int kept[2])
{
	int input[2], output[2];
	struct client client;

	if (pipe2(input, O_CLOEXEC) || pipe2(output, O_CLOEXEC))
		err(1, "pipe");
	client.pid = fork();
	if (client.pid < 0)
		err(1, "fork");
	if (!client.pid) {
		for (int i = 0; i < 2; i++)
			if (kept[i] >= 0)
				fcntl(kept[i], F_SETFD, 0);
		execute_client(subject, programs, arguments, input[0], output[1]);
	}
	close(input[0]);
	close(output[1]);
	client.to = fdopen(input[1], "w");
	client.from = fdopen(output[0], "r");
	if (!client.to || !client.from)
		err(1, "fdopen");
	return client;
}

static inline void tell(const struct client *client, const char *line)
{
	if (fprintf(client->to, "%s\n", line) < 0 || fflush(client->to))
		err(1, "tell bus-client: %s", line);
}

static inline void hear(const struct client *client, char *line, size_t size)
{
	if (!fgets(line, size, client->from))
		errx(1, "bus-client ended before its time");
	line[strcspn(line, "\n")] = '\0';
}

static inline void end_client(const struct client *client)
{
	fclose(client->to);
	fclose(client->from);
	end_process(client->pid);
}

/* @acknowledge: its end of the pipe; @pair: its socket and ours, for a socketpair */
static inline struct client start_client(const struct measurement *measurement,
					 const struct subject *subject,
					 const struct programs *programs, const char *peer,
					 int acknowledge, const int pair[2], char name[NAME_SIZE])
{
	struct arguments arguments = { .words = { programs->client }, .count = 1 };
	bool on_bus = *subject->path;
	char address[80], line[128];
	struct client client;

	snprintf(address, sizeof(address), "unix:path=%s", subject->path);
	add_words(&arguments, "--library", measurement->client);
	add_words(&arguments, "--role", peer ? "caller" : "service");
	add_words(&arguments, "--workload", client_workload(measurement));
	add_number(&arguments, "--bytes", measurement->bytes);
	add_number(&arguments, "--acknowledge", acknowledge);
	if (peer)
		add_words(&arguments, "--peer", peer);
	if (on_bus)
		add_words(&arguments, "--address", address);
	else
		add_number(&arguments, "--socket", pair[0]);
	if (subject->addressed)
		add_words(&arguments, "--addressed", NULL);
	client = spawn_client(subject, programs, &arguments,
			      (int[]){ acknowledge, on_bus ? -1 : pair[0] });
	/* It knows what it is to do: else nobody would be there to be introduced. */
	hear(&client, line, sizeof(line));
	if (!on_bus)
		introduce(pair[1], subject->addressed ? (peer ? ":1.2" : ":1.1") : NULL);
	hear(&client, line, sizeof(line));
	if (sscanf(line, "ready %63s", name) != 1)
		*name = '\0';
	return client;
}

static inline void start_callers(struct clients *clients, const struct measurement *measurement,
				 const struct subject *subject, const struct programs *programs,
				 int acknowledge, const int pair[2])
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < clients->callers; i++)
		clients->caller[i] = start_client(measurement, subject, programs,
						  clients->service_name, acknowledge, pair, name);
}

/* Starts a service and whoever calls it. When this returns they are waiting to be told. */
static inline struct clients start_clients(const struct measurement *measurement,
					   const struct subject *subject,
					   const struct programs *programs)
{
	struct clients clients = { .callers = callers_of(measurement) };
	int pair[2] = { -1, -1 }, acknowledge[2];

	if (pipe2(acknowledge, O_CLOEXEC))
		err(1, "pipe");
	if (!*subject->path) {
		if (clients.callers > 1)
			errx(2, "a socketpair has no place for %zu callers", clients.callers);
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			err(1, "socketpair");
	}
	/* Each end is first its client's, with the daemon played at the other one. */
	clients.service = start_client(measurement, subject, programs, NULL, acknowledge[1], pair,
				       clients.service_name);
	start_callers(&clients, measurement, subject, programs, acknowledge[0],
		      (int[]){ pair[1], pair[0] });
	for (int i = 0; i < 2; i++) {
		close(acknowledge[i]);
		if (pair[i] >= 0)
			close(pair[i]);
	}
	tell(&clients.service, "serve");
	return clients;
}

/* Callers are waiting for lines, and don't look at the connection. */
static inline void end_clients(const struct clients *clients)
{
	end_client(&clients->service);
	for (size_t i = 0; i < clients->callers; i++)
		end_client(&clients->caller[i]);
}

/* What callers did together */
struct run {
	unsigned long messages;
	uint64_t nanoseconds;
};

/* Has each caller send so many messages for so long, all at once. */
static inline struct run run_callers(const struct clients *clients, unsigned long least,
				     uint64_t nanoseconds)
{
	unsigned long messages, own_nanoseconds = 0;
	uint64_t start = now();
	struct run run = {};
	char line[128];

	snprintf(line, sizeof(line), "run %lu %llu", least, (unsigned long long)nanoseconds);
	for (size_t i = 0; i < clients->callers; i++)
		tell(&clients->caller[i], line);
	for (size_t i = 0; i < clients->callers; i++) {
		hear(&clients->caller[i], line, sizeof(line));
		if (sscanf(line, "ran %lu %lu", &messages, &own_nanoseconds) != 2)
			errx(1, "bus-client was to say what it ran, and said: %s", line);
		run.messages += messages;
	}
	/* One alone knows best for how long it ran. */
	run.nanoseconds = clients->callers == 1 ? own_nanoseconds : now() - start;
	return run;
}

#endif
