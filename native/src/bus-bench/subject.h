/* SPDX-License-Identifier: GPL-2.0-only */
/* What is between the clients of a measurement: a daemon, or nothing but a socketpair */
#ifndef FASTIPC_BUS_BENCH_SUBJECT_H
#define FASTIPC_BUS_BENCH_SUBJECT_H

#include <signal.h>
#include <sys/wait.h>

#include "daemons.h"
#include "measurement.h"
#include "sysctl.h"

struct subject {
	/* Of the bus's listener; empty for a socketpair */
	char path[64];
	/* 0 for none */
	pid_t daemon;
	/* Sockets are converted. */
	bool converted;
	/* On a socketpair, messages name their receivers and senders. */
	bool addressed;
};

static inline void set_up_direct_delivery(const struct measurement *measurement)
{
	write_sysctl("direct", 1);
	write_sysctl("flow_lifetime_ms", measurement->lifetime_ms);
}

static inline struct subject start_subject(const struct measurement *measurement,
					   const struct programs *programs)
{
	struct subject subject = { .converted = is_subject(measurement, "AF_DBUS"),
				   .addressed = is_subject(measurement, "socketpair-addressed") };
	static unsigned int number;

	if (subject.addressed || is_subject(measurement, "socketpair"))
		return subject;
	snprintf(subject.path, sizeof(subject.path), "/tmp/bus-bench-%d-%u", getpid(), number++);
	if (is_subject(measurement, "dbus-broker")) {
		subject.daemon = start_dbus_broker(subject.path);
	} else if (subject.converted || is_subject(measurement, "dbus-daemon")) {
		subject.daemon = start_dbus_daemon(subject.path,
						   subject.converted ? programs->library : NULL);
	} else {
		errx(2, "there is no subject '%s'", measurement->subject);
	}
	return subject;
}

static inline void end_process(pid_t pid)
{
	int status;

	if (kill(pid, SIGTERM) || waitpid(pid, &status, 0) != pid)
		err(1, "end process %d", pid);
}

/* By its own way out: dbus-broker's launcher takes dbus-broker along. */
static inline void end_subject(const struct subject *subject)
{
	if (subject->daemon)
		end_process(subject->daemon);
}

#endif
