// SPDX-License-Identifier: GPL-2.0-only
/*
 * What messages of D-Bus cost from one program to another: directly, through bus daemons, and on
 * AF_DBUS, where the kernel may deliver them.
 *
 *	bus-bench CLIENT LIBRARY MEASUREMENT...
 *
 * CLIENT and LIBRARY are the paths of bus-client and libdbus-preload.so. A MEASUREMENT is
 *
 *	SUBJECT,CLIENT,WORKLOAD,BYTES,WARM-UP,LEAST,LIFETIME,LIFETIMES
 *
 * SUBJECT is socketpair, socketpair-addressed, AF_DBUS, dbus-broker or dbus-daemon; CLIENT a library
 * of bus-client's, or raw for none; WORKLOAD one of bus-client's, call-8-clients and the like,
 * crowded (on a bus full of others; the same before they come is printed as `uncrowded`),
 * stopped-reader (beside one that has stopped reading; before it comes, `no-reader`), or for raw
 * message-signal or message-call. WARM-UP messages go before, LEAST at least are measured.
 *
 * On AF_DBUS, where the kernel delivers directly, flows live for LIFETIME milliseconds, and it is
 * measured until LIFETIMES of them are over, so that learning flows again is in the figure.
 *
 * The first line of output says whether the kernel delivers directly, and if so how many bytes a
 * connection may leave unread (`queueMax`). Then there is one for each figure, a JSON object: how
 * long one message takes, with its reply if it is a call of bus-client's. Under icount that is
 * instructions. `counters` is what the kernel counted meanwhile; `after` on a bus full of others has
 * the length of hash chains, too (chains.h).
 */
#define _GNU_SOURCE
#include "bus-bench/chains.h"
#include "bus-bench/clients.h"
#include "bus-bench/crowd.h"
#include "bus-bench/raw-messages.h"
#include "bus-bench/stopped-reader.h"

/* The sockets of all clients, or there is something wrong with the library. */
static void check_converted(const struct clients *clients)
{
	struct counters buses = read_counters("bus");

	if (counter(&buses, "connections") < clients->callers + 1)
		errx(1, "the kernel follows %llu connections instead of %zu or more",
		     counter(&buses, "connections"), clients->callers + 1);
}

/* What came of it, to be printed */
struct figure {
	struct run run;
	struct counters before, after;
};

static struct figure run_measured(const struct measurement *measurement,
				  const struct clients *clients, bool direct)
{
	struct figure figure = {};

	run_callers(clients, measurement->warm_up, 0);
	if (direct)
		figure.before = read_counters("direct");
	figure.run = run_callers(clients, measurement->least,
				 direct ? least_nanoseconds(measurement) : 0);
	if (direct)
		figure.after = read_counters("direct");
	return figure;
}

static void print_measured(const struct measurement *measurement, const struct figure *figure,
			   bool direct)
{
	print_figure(measurement, figure->run.messages, figure->run.nanoseconds,
		     direct ? &figure->before : NULL, &figure->after);
}

static void measure_callers(const struct measurement *measurement, const struct clients *clients,
			    bool direct)
{
	struct figure figure = run_measured(measurement, clients, direct);

	print_measured(measurement, &figure, direct);
}

/* The same calls before the others come, printed under a name of its own */
static void measure_before(const struct measurement *measurement, const struct clients *clients,
			   const char *workload, bool direct)
{
	struct measurement before = *measurement;

	strcpy(before.workload, workload);
	measure_callers(&before, clients, direct);
}

static void measure_crowded(const struct measurement *measurement, const struct clients *clients,
			    const struct subject *subject, bool direct)
{
	static struct crowd crowd;
	struct figure figure;

	measure_before(measurement, clients, "uncrowded", direct);
	gather_crowd(&crowd, subject->path, subject->converted);
	figure = run_measured(measurement, clients, direct);
	if (direct)
		measure_chains(&crowd, &figure.after);
	print_measured(measurement, &figure, direct);
	disperse_crowd(&crowd);
}

static void measure_beside_stopped_reader(const struct measurement *measurement,
					  const struct clients *clients,
					  const struct subject *subject, bool direct)
{
	struct stopped_reader reader;

	measure_before(measurement, clients, "no-reader", direct);
	stop_reader(&reader, subject->path, subject->converted, direct);
	measure_callers(measurement, clients, direct);
	resume_reader(&reader);
}

static void measure_clients(const struct measurement *measurement, const struct subject *subject,
			    const struct programs *programs, bool direct)
{
	struct clients clients = start_clients(measurement, subject, programs);

	if (subject->converted)
		check_converted(&clients);
	if (is_workload(measurement, "crowded"))
		measure_crowded(measurement, &clients, subject, direct);
	else if (is_workload(measurement, "stopped-reader"))
		measure_beside_stopped_reader(measurement, &clients, subject, direct);
	else
		measure_callers(measurement, &clients, direct);
	end_clients(&clients);
}

/*
 * Goes onto a bus for nothing: what its daemon reads from files is at hand from then on. Else clients
 * whose timeouts can't be set would give up while the clock leaps (daemons.h).
 */
static void rehearse(const struct subject *subject)
{
	static struct message message;
	char name[NAME_SIZE];
	int fd;

	if (!*subject->path)
		return;
	fd = connect_to_bus(subject->path, subject->converted);
	say_hello(fd, &message, name);
	close(fd);
}

static void measure(const struct measurement *measurement, const struct subject *subject,
		    const struct programs *programs)
{
	bool direct = subject->converted && programs->direct;

	if (direct)
		set_up_direct_delivery(measurement);
	if (!strcmp(measurement->client, "raw"))
		measure_raw(measurement, subject, direct);
	else
		measure_clients(measurement, subject, programs, direct);
}

/* A daemon stays for all measurements of it that follow each other; others have one of their own. */
static void measure_all(char **words, const struct programs *programs)
{
	struct measurement measurement, former = {};
	struct subject subject = {};

	for (; *words; words++, former = measurement) {
		measurement = parse_measurement(*words);
		if (!is_subject(&former, measurement.subject) || has_others(&measurement)) {
			end_subject(&subject);
			/* The daemon inherits it. */
			if (is_workload(&measurement, "crowded"))
				allow_descriptors();
			subject = start_subject(&measurement, programs);
			rehearse(&subject);
		}
		measure(&measurement, &subject, programs);
	}
	end_subject(&subject);
}

static void print_kernel(bool direct)
{
	printf("{\"direct\":%s,\"queueMax\":", direct ? "true" : "false");
	if (direct)
		printf("%u}\n", read_sysctl("queue_max"));
	else
		printf("null}\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct programs programs;

	if (argc < 4)
		errx(2, "usage: bus-bench CLIENT LIBRARY MEASUREMENT...");
	programs = (struct programs){ argv[1], argv[2], has_direct_delivery() };
	signal(SIGPIPE, SIG_IGN);
	print_kernel(programs.direct);
	measure_all(argv + 3, &programs);
	return 0;
}
