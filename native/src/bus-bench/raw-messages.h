/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel alone does for a message: both ends are this process's, so that on one processor
 * nobody has to be woken up, and nobody is between. A message is sent by one send() and received
 * by one recv(). On a socketpair go the same bytes as a receiver gets on a bus.
 *
 *	message-signal	one way
 *	message-call	calls there and their replies back, each of which is a message
 */
#ifndef FASTIPC_BUS_BENCH_RAW_MESSAGES_H
#define FASTIPC_BUS_BENCH_RAW_MESSAGES_H

#include "clock.h"
#include "subject.h"

#define RAW_SERVICE "org.example.Raw"

struct raw_end {
	int fd;
	char name[NAME_SIZE];
	uint32_t serial;
	/* What it sends each time, and how many bytes of that the other end gets */
	struct message message;
	size_t arrives;
};

static inline void put_raw_body(struct message *message, size_t bytes)
{
	size_t body = finish_header(message);

	put_bytes(message, bytes);
	finish_body(message, body);
}

/* @addressed: SENDER is written as the daemon and the kernel write it, behind everything else. */
static inline void make_raw(struct raw_end *from, const struct raw_end *to, uint8_t type,
			    size_t bytes, bool addressed)
{
	struct message *message = &from->message;

	begin(message, type, 0);
	if (type == METHOD_RETURN) {
		put_reply_serial(message, 0);
	} else {
		put_field(message, PATH, 'o', "/org/example/Object");
		put_field(message, INTERFACE, 's', RAW_SERVICE);
		put_field(message, MEMBER, 's', "Method");
	}
	put_field(message, DESTINATION, 's', to->name);
	put_field(message, SIGNATURE, 'g', "ay");
	if (addressed)
		put_field(message, SENDER, 's', from->name);
	put_raw_body(message, bytes);
}

/* Of the message as make_raw() makes it: behind the first field's head */
static inline void set_raw_reply_serial(struct message *message, uint32_t serial)
{
	memcpy(message->data + 20, &serial, 4);
}

static inline void pass_raw(struct raw_end *from, const struct raw_end *to)
{
	static uint8_t arrived[BYTES_MAXIMUM + 4096];
	ssize_t length;

	set_serial(&from->message, ++from->serial);
	if (send(from->fd, from->message.data, from->message.length, MSG_NOSIGNAL) !=
	    (ssize_t)from->message.length)
		err(1, "send a message whole");
	length = recv(to->fd, arrived, sizeof(arrived), 0);
	if (length != (ssize_t)from->arrives)
		errx(1, "%zd bytes came instead of a message of %zu", length, from->arrives);
}

static inline void pass_turn(struct raw_end *caller, struct raw_end *service, bool calls)
{
	pass_raw(caller, service);
	if (!calls)
		return;
	set_raw_reply_serial(&service->message, caller->serial);
	pass_raw(service, caller);
}

/* On a bus the message gets its last field on the way. */
static inline void prepare_raw(struct raw_end *from, const struct raw_end *to, uint8_t type,
			       size_t bytes, bool on_bus)
{
	make_raw(from, to, type, bytes, true);
	from->arrives = from->message.length;
	if (on_bus)
		make_raw(from, to, type, bytes, false);
}

/* What the daemon says by itself has come when it has answered. */
static inline void join_bus(struct raw_end *end, const struct subject *subject)
{
	static struct message message;

	end->fd = connect_to_bus(subject->path, subject->converted);
	say_hello(end->fd, &message, end->name);
	receive_type(end->fd, &message, SIGNAL);
	end->serial = 1;
}

static inline void join_pair(struct raw_end *one, struct raw_end *other)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		err(1, "socketpair");
	one->fd = pair[0];
	other->fd = pair[1];
	strcpy(one->name, ":1.1");
	strcpy(other->name, ":1.2");
}

/* Measures after the subject was started, and prints what came of it. */
static inline void measure_raw(const struct measurement *measurement,
			       const struct subject *subject, bool direct)
{
	static struct raw_end caller, service;
	bool on_bus = *subject->path, calls = is_workload(measurement, "message-call");
	struct counters before = {}, after = {};
	uint64_t start, elapsed;

	caller.serial = service.serial = 0;
	if (on_bus) {
		join_bus(&service, subject);
		join_bus(&caller, subject);
	} else {
		join_pair(&service, &caller);
	}
	prepare_raw(&caller, &service, calls ? METHOD_CALL : SIGNAL, measurement->bytes, on_bus);
	prepare_raw(&service, &caller, METHOD_RETURN, measurement->bytes, on_bus);
	for (unsigned long i = 0; i < measurement->warm_up; i++)
		pass_turn(&caller, &service, calls);
	if (direct)
		before = read_counters("direct");
	start = now();
	for (unsigned long i = 0; i < measurement->least; i++)
		pass_turn(&caller, &service, calls);
	elapsed = now() - start;
	if (direct)
		after = read_counters("direct");
	print_figure(measurement, measurement->least * (calls ? 2 : 1), elapsed,
		     direct ? &before : NULL, &after);
	close(caller.fd);
	close(service.fd);
}

#endif
