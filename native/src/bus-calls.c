// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what a method call through dbus-daemon costs, on AF_UNIX and on AF_DBUS, each with a daemon
 * of its own. A caller and a service say nothing but what they must, so that the rest is the
 * daemon's and the kernel's.
 *	bus-calls LIBRARY COUNT SIZE…
 * LIBRARY is what converts the sockets of the second daemon, SIZE how many bytes a call carries.
 * Prints a line of JSON for each size, with the nanoseconds that one of COUNT calls takes together
 * with its reply. Under icount these are instructions.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dbus-preload/convert.h"

#define DRIVER		"org.freedesktop.DBus"
#define SERVICE		"org.example.Service"
#define NAME_SIZE	64
#define LARGEST		(4 << 20)

enum { METHOD_CALL = 1, METHOD_RETURN };
enum { PATH = 1, INTERFACE, MEMBER, REPLY_SERIAL = 5, DESTINATION, SENDER, SIGNATURE };

struct message {
	size_t length;
	uint8_t data[LARGEST];
};

static void align(struct message *message, size_t alignment)
{
	while (message->length % alignment)
		message->data[message->length++] = 0;
}

static void put_u32(struct message *message, uint32_t value)
{
	align(message, 4);
	memcpy(message->data + message->length, &value, 4);
	message->length += 4;
}

static void put_field(struct message *message, uint8_t code, char type, const char *value)
{
	const uint8_t head[] = { code, 1, type, 0 };
	size_t length = strlen(value);

	align(message, 8);
	memcpy(message->data + message->length, head, 4);
	message->length += 4;
	if (type == 'g')
		message->data[message->length++] = length;
	else
		put_u32(message, length);
	memcpy(message->data + message->length, value, length + 1);
	message->length += length + 1;
}

static void put_reply_serial(struct message *message, uint32_t serial)
{
	const uint8_t head[] = { REPLY_SERIAL, 1, 'u', 0 };

	align(message, 8);
	memcpy(message->data + message->length, head, 4);
	message->length += 4;
	put_u32(message, serial);
}

static void begin(struct message *message, uint8_t type, uint32_t serial)
{
	const uint8_t fixed[] = { 'l', type, 0, 1, 0, 0, 0, 0 };

	memcpy(message->data, fixed, 8);
	memcpy(message->data + 8, &serial, 4);
	message->length = 16;
}

/* Ends the header. The body comes next, and finish_body() after it. */
static size_t finish_header(struct message *message)
{
	uint32_t fields = message->length - 16;

	memcpy(message->data + 12, &fields, 4);
	align(message, 8);
	return message->length;
}

static void finish_body(struct message *message, size_t body)
{
	uint32_t length = message->length - body;

	memcpy(message->data + 4, &length, 4);
}

static void make_call(struct message *message, const char *destination, const char *member,
		      const char *signature)
{
	begin(message, METHOD_CALL, 0);
	put_field(message, PATH, 'o', "/org/example/Object");
	put_field(message, INTERFACE, 's', destination);
	put_field(message, MEMBER, 's', member);
	put_field(message, DESTINATION, 's', destination);
	if (signature)
		put_field(message, SIGNATURE, 'g', signature);
}

static void send_all(int fd, const struct message *message)
{
	for (size_t sent = 0; sent < message->length;) {
		ssize_t result = send(fd, message->data + sent, message->length - sent, MSG_NOSIGNAL);

		if (result < 0)
			err(1, "send");
		sent += result;
	}
}

static void receive_bytes(int fd, uint8_t *data, size_t length)
{
	while (length) {
		ssize_t result = recv(fd, data, length, MSG_WAITALL);

		if (result <= 0)
			err(1, "the daemon closed the connection");
		data += result;
		length -= result;
	}
}

static uint32_t get_u32(const uint8_t *data)
{
	uint32_t value;

	memcpy(&value, data, 4);
	return value;
}

static void receive(int fd, struct message *message)
{
	size_t header, length;

	receive_bytes(fd, message->data, 16);
	header = (16 + get_u32(message->data + 12) + 7) & ~7ul;
	length = header + get_u32(message->data + 4);
	if (length > LARGEST)
		errx(1, "a message of %zu bytes came", length);
	receive_bytes(fd, message->data + 16, length - 16);
	message->length = length;
}

static void receive_type(int fd, struct message *message, uint8_t type)
{
	do
		receive(fd, message);
	while (message->data[1] != type);
}

/* The sender's name, which the daemon puts into each message */
static void find_sender(const struct message *message, char name[NAME_SIZE])
{
	size_t end = 16 + get_u32(message->data + 12);
	size_t at = 16, length;

	while (at < end) {
		uint8_t code, type;

		at = (at + 7) & ~7ul;
		code = message->data[at];
		type = message->data[at + 2];
		at += 4;
		length = type == 'u' ? 4 : type == 'g' ? message->data[at] + 2u :
							 get_u32(message->data + at) + 5u;
		if (code == SENDER && length - 5 < NAME_SIZE) {
			memcpy(name, message->data + at + 4, length - 4);
			return;
		}
		at += length;
	}
	errx(1, "a message came without its sender");
}

static int connect_to_bus(const char *path, bool converted)
{
	static const char begin_lines[] = "BEGIN\r\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char line[64];
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		errx(1, "%s is too long for an address", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || (converted && !convert(fd, "connect", path)))
		err(1, "a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "connect %s", path);
	/* A uid in hexadecimal digits of its decimal ones: root's */
	if (send(fd, "\0AUTH EXTERNAL 30\r\n", 19, 0) != 19 || recv(fd, line, sizeof(line), 0) < 3 ||
	    memcmp(line, "OK ", 3) || send(fd, begin_lines, sizeof(begin_lines) - 1, 0) < 0)
		errx(1, "%s: the daemon didn't say OK to root", path);
	return fd;
}

static void call_driver(int fd, struct message *message, uint32_t serial, const char *member,
			const char *name)
{
	size_t body;

	make_call(message, DRIVER, member, name ? "su" : NULL);
	body = finish_header(message);
	if (name) {
		put_u32(message, strlen(name));
		memcpy(message->data + message->length, name, strlen(name) + 1);
		message->length += strlen(name) + 1;
		put_u32(message, 0);
	}
	finish_body(message, body);
	memcpy(message->data + 8, &serial, 4);
	send_all(fd, message);
	receive_type(fd, message, METHOD_RETURN);
}

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

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint32_t last_serial = 1;

static void call_service(int fd, struct message *call, struct message *reply)
{
	last_serial++;
	memcpy(call->data + 8, &last_serial, 4);
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

	make_call(&call, SERVICE, "Method", "ay");
	body = finish_header(&call);
	put_u32(&call, size);
	memset(call.data + call.length, 'x', size);
	call.length += size;
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

static void write_configuration(const char *file, const char *path)
{
	FILE *stream = fopen(file, "w");

	if (!stream)
		err(1, "%s", file);
	fprintf(stream, "<busconfig><type>session</type><listen>unix:path=%s</listen>"
		"<auth>EXTERNAL</auth><policy context=\"default\"><allow own=\"*\"/>"
		"<allow eavesdrop=\"true\"/><allow send_destination=\"*\"/></policy></busconfig>\n", path);
	if (fclose(stream))
		err(1, "%s", file);
}

/* Starts a daemon that listens at the path, with the library if there is one. */
static pid_t start_daemon(const char *path, const char *library)
{
	char file[128], byte;
	int ends[2];
	pid_t pid;

	snprintf(file, sizeof(file), "%s.conf", path);
	write_configuration(file, path);
	if (pipe(ends))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (library) {
			setenv("LD_PRELOAD", library, 1);
			setenv("FASTIPC_DBUS_ADDRESSES", path, 1);
		}
		dup2(ends[1], STDOUT_FILENO);
		execlp("dbus-daemon", "dbus-daemon", "--config-file", file, "--nofork", "--nopidfile",
		       "--print-address=1", NULL);
		err(1, "dbus-daemon");
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &byte, 1) != 1)
		errx(1, "dbus-daemon didn't start");
	return pid;
}

static void measure_bus(const char *library, unsigned long count, char **sizes)
{
	const char *sockets = library ? "AF_DBUS" : "AF_UNIX";
	static struct message message;
	pid_t daemon, service;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/bus-calls-%d-%s", getpid(), sockets);
	daemon = start_daemon(path, library);
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
	measure_bus(NULL, count, argv + 3);
	measure_bus(argv[1], count, argv + 3);
	return 0;
}
