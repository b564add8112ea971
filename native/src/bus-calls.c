// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what a method call through dbus-daemon costs, on AF_UNIX and on AF_DBUS, each with a daemon
 * of its own. A caller and a service say nothing but what they must, so that the rest is the
 * daemon's and the kernel's.
 *	bus-calls LIBRARY COUNT SIZE…
 * LIBRARY is what converts the sockets of the second daemon, SIZE how many bytes a call carries.
 * What is measured is the daemon's way: where the kernel delivers directly, it is told not to.
 * Prints a line of JSON for each size, with the nanoseconds that one of COUNT calls takes together
 * with its reply. Under icount these are instructions.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bus-bench/clock.h"
#include "bus-bench/daemons.h"
#include "bus-bench/sysctl.h"
#include "dbus-wire/connection.h"

#define SERVICE "org.example.Service"

/* Answers each call with nothing, for ever. */
static void serve(const char *path, bool converted, int ready)
{
	static struct message message;
	int fd = connect_to_bus(path, converted);
	char caller[NAME_SIZE];
	uint32_t serial = 2;

	call_driver(fd, &message, 1, "Hello", NULL);
	call_driver(fd, &message, 2, "RequestName", SERVICE);
	if (write(ready, "", 1) != 1)
		err(1, "write");
	for (;;) {
		receive_type(fd, &message, METHOD_CALL);
		find_sender(&message, caller);
		uint32_t asked = get_u32(message.data + 8);

		begin(&message, METHOD_RETURN, ++serial);
		put_reply_serial(&message, asked);
		put_field(&message, DESTINATION, 's', caller);
		finish_body(&message, finish_header(&message));
		send_all(fd, &message);
	}
}

static pid_t start_service(const char *path, bool converted)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe(ends))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		close(ends[0]);
		serve(path, converted, ends[1]);
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &byte, 1) != 1)
		errx(1, "the service didn't start");
	close(ends[0]);
	return pid;
}

static uint32_t last_serial = 1;

static void call_service(int fd, struct message *call, struct message *reply)
{
	last_serial++;
	set_serial(call, last_serial);
	send_all(fd, call);
	receive_type(fd, reply, METHOD_RETURN);
}

/* Both ends of such a connection can ask what the kernel knows of it. */
static void check_followed(int fd, bool converted)
{
	char info[512];
	socklen_t length = sizeof(info);
	bool followed = !getsockopt(fd, SOL_DBUS, DBUS_CONNECTION, info, &length);

	if (followed != converted)
		errx(1, "the kernel %s a connection on AF_%s", followed ? "follows" : "doesn't follow",
		     converted ? "DBUS" : "UNIX");
}

static void measure(int fd, const char *sockets, size_t size, unsigned long count)
{
	static struct message call, reply;
	uint64_t start;
	size_t body;

	begin_call(&call, SERVICE, SERVICE, "Method", "ay");
	body = finish_header(&call);
	put_bytes(&call, size);
	finish_body(&call, body);
	/* What happens only once */
	for (int i = 0; i < 16; i++)
		call_service(fd, &call, &reply);
	start = now();
	for (unsigned long i = 0; i < count; i++)
		call_service(fd, &call, &reply);
	printf("{\"sockets\":\"%s\",\"bytes\":%zu,\"nanosecondsPerCall\":%llu}\n", sockets, size,
	       (unsigned long long)(now() - start) / count);
	fflush(stdout);
}

static void measure_bus(const char *library, unsigned long count, char **sizes)
{
	const char *sockets = library ? "AF_DBUS" : "AF_UNIX";
	static struct message message;
	pid_t daemon, service;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/bus-calls-%d-%s", getpid(), sockets);
	daemon = start_dbus_daemon(path, library);
	service = start_service(path, library);
	fd = connect_to_bus(path, library);
	last_serial = 1;
	call_driver(fd, &message, 1, "Hello", NULL);
	check_followed(fd, library);
	for (; *sizes; sizes++)
		measure(fd, sockets, strtoul(*sizes, NULL, 10), count);
	kill(service, SIGKILL);
	kill(daemon, SIGKILL);
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (!count)
		errx(2, "usage: bus-calls LIBRARY COUNT SIZE..., with a COUNT above 0");
	for (char **size = argv + 3; *size; size++) {
		if (strtoul(*size, NULL, 10) > LARGEST / 2)
			errx(2, "size %s is above %d", *size, LARGEST / 2);
	}
	if (has_direct_delivery())
		write_sysctl("direct", 0);
	measure_bus(NULL, count, argv + 3);
	measure_bus(argv[1], count, argv + 3);
	return 0;
}
