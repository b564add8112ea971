/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client that has stopped reading, and one that goes on sending signals to it: first those that
 * the kernel delivers itself, until the reader's quota is full, then some that are left to the
 * daemon, most of which that has to hold. Nobody else is to notice; and once the reader goes on, it
 * is to get all of them, in order. Serials number them, which nobody on the way changes.
 */
#ifndef FASTIPC_BUS_BENCH_STOPPED_READER_H
#define FASTIPC_BUS_BENCH_STOPPED_READER_H

#include "../dbus-wire/connection.h"
#include "listing.h"
#include "sysctl.h"

/* Of a signal's body */
#define READER_BYTES	1024

/*
 * So many are left to the daemon: more than a socket's buffer takes, and far less than the 127 MiB
 * above which dbus-daemon drops a receiver's signals, or has their sender wait.
 */
#define READER_LEFT	1024

/* Of the first signal; Hello has 1. */
#define READER_SERIAL	2

/* Milliseconds; as NEVER in daemons.h, and for the same reason */
#define READER_PATIENCE	86400000

struct stopped_reader {
	int fd, sender_fd;
	char name[NAME_SIZE], sender_name[NAME_SIZE];
	unsigned long sent;
};

static inline void send_to_reader(struct stopped_reader *reader, struct message *message)
{
	size_t body;

	begin(message, SIGNAL, READER_SERIAL + reader->sent++);
	put_field(message, PATH, 'o', "/org/example/Object");
	put_field(message, INTERFACE, 's', "org.example.Reader");
	put_field(message, MEMBER, 's', "Event");
	put_field(message, DESTINATION, 's', reader->name);
	put_field(message, SIGNATURE, 'g', "ay");
	body = finish_header(message);
	put_bytes(message, READER_BYTES);
	finish_body(message, body);
	send_all(reader->sender_fd, message);
}

static inline bool is_to_reader(const struct stopped_reader *reader, const struct message *message)
{
	char name[NAME_SIZE];

	if (message->data[1] != SIGNAL)
		return false;
	find_sender(message, name);
	return !strcmp(name, reader->sender_name);
}

/* The two come onto the bus, and the kernel learns what the one sends the other. */
static inline void join_reader(struct stopped_reader *reader, const char *path, bool converted,
			       struct message *message)
{
	reader->sent = 0;
	reader->fd = connect_to_bus(path, converted);
	say_hello(reader->fd, message, reader->name);
	reader->sender_fd = connect_to_bus(path, converted);
	say_hello(reader->sender_fd, message, reader->sender_name);
	send_to_reader(reader, message);
	do
		receive(reader->fd, message);
	while (!is_to_reader(reader, message));
}

/* Until a signal was too much, and left to the daemon for that reason */
static inline void fill_reader(struct stopped_reader *reader, struct message *message)
{
	unsigned long long most = read_sysctl("queue_max");
	struct counters before = read_counters("direct"), after;

	do {
		if ((unsigned long long)reader->sent * READER_BYTES > most)
			errx(1, "%lu signals of %d bytes don't fill a net.dbus.queue_max of %llu",
			     reader->sent, READER_BYTES, most);
		send_to_reader(reader, message);
		after = read_counters("direct");
	} while (counter(&after, "left_full") == counter(&before, "left_full"));
	fprintf(stderr, "a reader has stopped: %llu signals were delivered to it directly, and %llu of %llu bytes are full\n",
		counter(&after, "delivered") - counter(&before, "delivered"),
		counter(&after, "queued"), most);
}

/*
 * When the sender has an answer, the daemon has seen all that was sent before. With @followed the
 * kernel says how much of it the daemon has not passed on, for the reader's socket takes no more.
 */
static inline void leave_to_daemon(struct stopped_reader *reader, bool followed,
				   struct message *message)
{
	struct counters before = {}, after;
	unsigned long long received, sent;

	if (followed)
		before = read_counters("bus");
	for (int i = 0; i < READER_LEFT; i++)
		send_to_reader(reader, message);
	call_driver(reader->sender_fd, message, READER_SERIAL + reader->sent, "GetId", NULL);
	if (!followed)
		return;
	after = read_counters("bus");
	received = counter(&after, "received") - counter(&before, "received");
	sent = counter(&after, "sent") - counter(&before, "sent");
	if (received < READER_LEFT || sent >= received)
		errx(1, "of %d signals for a reader that has stopped, the daemon was to hold some; it received %llu messages and sent %llu",
		     READER_LEFT, received, sent);
	fprintf(stderr, "%d more were left to the daemon, which holds %llu of all\n", READER_LEFT,
		received - sent);
}

/* @direct: the kernel delivers directly. Else all that the reader doesn't read is the daemon's. */
static inline void stop_reader(struct stopped_reader *reader, const char *path, bool converted,
			       bool direct)
{
	static struct message message;

	join_reader(reader, path, converted, &message);
	if (direct)
		fill_reader(reader, &message);
	leave_to_daemon(reader, converted, &message);
}

/* What has come after the reader went on, by its number; that which it read before is number 0. */
struct readings {
	bool *came;
	unsigned long count, last;
};

static inline void note_signal(struct readings *readings, unsigned long number, unsigned long sent)
{
	if (number >= sent || readings->came[number])
		errx(1, "the reader that had stopped got signal %lu of %lu %s", number, sent,
		     number < sent ? "twice" : "too");
	if (number < readings->last)
		errx(1, "the reader that had stopped got signal %lu of %lu after signal %lu",
		     number, sent, readings->last);
	readings->came[number] = true;
	readings->last = number;
	readings->count++;
}

static inline void check_readings(const struct readings *readings, unsigned long sent)
{
	unsigned long missing = sent - readings->count, first = 0;

	if (!missing)
		return;
	while (readings->came[first])
		first++;
	errx(1, "the reader that had stopped got %lu of %lu signals: %lu are missing, the first of them number %lu",
	     readings->count, sent, missing, first);
}

/* What comes next; if nothing does, what came until then says what is missing. */
static inline void receive_patiently(const struct stopped_reader *reader,
				     const struct readings *readings, struct message *message)
{
	struct pollfd poll_fd = { .fd = reader->fd, .events = POLLIN };

	if (poll(&poll_fd, 1, READER_PATIENCE) != 1) {
		check_readings(readings, reader->sent);
		errx(1, "the reader that had stopped got no answer from the daemon");
	}
	receive(reader->fd, message);
}

/* The answer to a call of its own comes after all that the daemon had for it before. */
static inline void resume_reader(const struct stopped_reader *reader)
{
	struct readings readings = { .came = calloc(reader->sent, sizeof(bool)), .count = 1 };
	static struct message message;

	if (!readings.came)
		err(1, "calloc");
	readings.came[0] = true;
	send_driver_call(reader->fd, &message, 2, "GetId", NULL);
	do {
		receive_patiently(reader, &readings, &message);
		if (is_to_reader(reader, &message))
			note_signal(&readings, get_u32(message.data + 8) - READER_SERIAL,
				    reader->sent);
	} while (message.data[1] != METHOD_RETURN);
	check_readings(&readings, reader->sent);
	fprintf(stderr, "the reader went on, and got all %lu signals in order\n", reader->sent);
	free(readings.came);
	close(reader->fd);
	close(reader->sender_fd);
}

#endif
