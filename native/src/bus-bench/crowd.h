/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus full of others: ten thousand connections, each of which has sent signals of ten kinds to
 * its neighbour, so that where the kernel learns flows it knows a hundred thousand more.
 */
#ifndef FASTIPC_BUS_BENCH_CROWD_H
#define FASTIPC_BUS_BENCH_CROWD_H

#include <sched.h>
#include <sys/resource.h>

#include "../dbus-wire/connection.h"

#define CROWD		10000
#define CROWD_FLOWS	10

/*
 * So many do the same at once: each time that dbus-daemon wakes up it looks at all its connections,
 * which for one after the other would take an hour to emulate.
 */
#define CROWD_GROUP	50

/* Descriptors of this process and, as it inherits the limit, of the daemon */
#define CROWD_DESCRIPTORS 30000

struct crowd {
	int fd[CROWD];
	char name[CROWD][NAME_SIZE];
};

static inline void allow_descriptors(void)
{
	const struct rlimit limit = { CROWD_DESCRIPTORS, CROWD_DESCRIPTORS };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "allow %d open files", CROWD_DESCRIPTORS);
}

static inline void send_kind(const struct crowd *crowd, size_t from, int kind, uint32_t serial,
			     struct message *message)
{
	char member[16];

	snprintf(member, sizeof(member), "Kind%d", kind);
	begin(message, SIGNAL, serial);
	put_field(message, PATH, 'o', "/org/example/Object");
	put_field(message, INTERFACE, 's', "org.example.Crowd");
	put_field(message, MEMBER, 's', member);
	put_field(message, DESTINATION, 's', crowd->name[(from + 1) % CROWD]);
	finish_body(message, finish_header(message));
	send_all(crowd->fd[from], message);
}

/* The daemon tells of names by signals too. */
static inline void receive_kinds(int fd, const char *sender, struct message *message)
{
	char name[NAME_SIZE];

	for (int kind = 0; kind < CROWD_FLOWS;) {
		receive_type(fd, message, SIGNAL);
		find_sender(message, name);
		kind += !strcmp(name, sender);
	}
}

/* It takes minutes. */
static inline void say_progress(const char *what, size_t number)
{
	if (number % 2000 == 0)
		fprintf(stderr, "%zu of %d %s\n", number, CROWD, what);
}

static inline void let_group_in(struct crowd *crowd, size_t first, const char *path,
				bool converted, struct message *message)
{
	size_t end = first + CROWD_GROUP, i;

	for (i = first; i < end; i++) {
		crowd->fd[i] = open_connection(path, converted);
		begin_authentication(crowd->fd[i]);
	}
	for (i = first; i < end; i++) {
		finish_authentication(crowd->fd[i]);
		send_hello(crowd->fd[i], message);
	}
	for (i = first; i < end; i++)
		receive_name(crowd->fd[i], message, crowd->name[i]);
}

static inline void let_group_send(const struct crowd *crowd, size_t first, struct message *message)
{
	size_t end = first + CROWD_GROUP, i;

	for (i = first; i < end; i++)
		for (int kind = 0; kind < CROWD_FLOWS; kind++)
			send_kind(crowd, i, kind, 2 + kind, message);
	for (i = first; i < end; i++)
		receive_kinds(crowd->fd[(i + 1) % CROWD], crowd->name[i], message);
}

/* With first claim on the processor, a group has done all it does before the daemon wakes up. */
static inline void claim_processor(bool claim)
{
	const struct sched_param parameter = { .sched_priority = claim };

	if (sched_setscheduler(0, claim ? SCHED_FIFO : SCHED_OTHER, &parameter))
		err(1, "change the scheduling of the crowd");
}

static inline void gather_crowd(struct crowd *crowd, const char *path, bool converted)
{
	static struct message message;

	claim_processor(true);
	for (size_t first = 0; first < CROWD; first += CROWD_GROUP) {
		say_progress("others are there", first);
		let_group_in(crowd, first, path, converted, &message);
	}
	for (size_t first = 0; first < CROWD; first += CROWD_GROUP) {
		say_progress("of them have sent signals", first);
		let_group_send(crowd, first, &message);
	}
	claim_processor(false);
}

static inline void disperse_crowd(const struct crowd *crowd)
{
	for (size_t i = 0; i < CROWD; i++)
		close(crowd->fd[i]);
}

#endif
