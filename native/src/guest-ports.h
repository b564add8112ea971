/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guest-init and the host say to each other, over virtio-serial ports that
 * are found by name:
 *
 *   fastipc.command  host → guest  frames: the job, window sizes, "you may leave"
 *   fastipc.stdin    host → guest  INPUT frames for the command
 *   fastipc.stdout   guest → host  what the command writes, as it is
 *   fastipc.stderr   guest → host  the same
 *   fastipc.verdict  guest → host  JSON lines: complaint, started, verdict
 *
 * The host's side of it is qemu/src/frames.ts and qemu/src/verdict.ts.
 */
#ifndef FASTIPC_GUEST_PORTS_H
#define FASTIPC_GUEST_PORTS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* One byte of type and four of length (little endian) precede each payload. */
enum frame_type {
	FRAME_ARGUMENT = 'A',	  /* one of the command's arguments, in order */
	FRAME_ENVIRONMENT = 'E',  /* NAME=VALUE */
	FRAME_DIRECTORY = 'D',	  /* the command's working directory */
	FRAME_HOME = 'H',	  /* make this directory of the host's writable */
	FRAME_KEEP_VISIBLE = 'K', /* this path stays, though a tmpfs covers it */
	FRAME_RANDOM = 'R',	  /* bytes nobody can guess, for the kernel's generator */
	FRAME_TERMINAL = 'T',	  /* rows and columns, two bytes each */
	FRAME_CHECK_LEAKS = 'L',  /* ask kmemleak when the command has ended */
	FRAME_START = 'S',	  /* the job is complete */
	FRAME_INPUT = 'I',	  /* bytes for stdin; none: end of input */
	FRAME_LEAVE = 'Q',	  /* the host has everything it was sent */
};

#define FRAME_HEADER 5
#define FRAME_LENGTH_MAX (1 << 20)

struct frame {
	enum frame_type type;
	uint32_t length;
	char *payload; /* malloc'ed, with a NUL behind the last byte */
};

/*
 * Ends the machine by a reset: under QEMU's -no-reboot it exits on that, with and
 * without ACPI, and without the time that switching off through AML takes.
 */
static _Noreturn void leave(void)
{
	reboot(RB_AUTOBOOT);
	_exit(1); /* not reached; PID 1's end would be a panic */
}

/* Writes a line into the kernel's log, from where it reaches the console's file. */
static void log_line(const char *line)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[600];
	int length = snprintf(text, sizeof(text), "<4>guest-init: %s\n", line);

	if (fd < 0)
		return;
	/* Not dprintf(): it wants to know the position in the file, and kmsg has none. */
	if (write(fd, text, length) < 0)
		perror("guest-init: /dev/kmsg");
	close(fd);
}

/* The run can't go on: the host sees a boot that failed, and this line on the console. */
static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	log_line(line);
	leave();
}

static void write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			die("write to the host: %s", strerror(errno));
		data += written;
		length -= written;
	}
}

static void json_string(FILE *json, const char *text)
{
	fputc('"', json);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(json, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(json, "\\u%04x", *text);
		else
			fputc(*text, json);
	}
	fputc('"', json);
}

/* Something that isn't as it should be, though the command can run all the same. */
static __attribute__((format(printf, 2, 3))) void complain(int verdict_port, const char *format,
							   ...)
{
	char text[512], *line = NULL;
	size_t length;
	va_list arguments;
	FILE *json;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_line(text);
	json = open_memstream(&line, &length);
	if (json == NULL)
		die("open_memstream: %s", strerror(errno));
	fputs("{\"complaint\":", json);
	json_string(json, text);
	fputs("}\n", json);
	fclose(json);
	write_all(verdict_port, line, length);
	free(line);
}

/* Reads a file of /proc or /sys, which end at a newline mostly; "" if there is none. */
static char *read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	while (fd >= 0 && used < size - 1) {
		ssize_t got = read(fd, text + used, size - 1 - used);

		if (got <= 0)
			break;
		used += got;
	}
	if (fd >= 0)
		close(fd);
	text[used] = '\0';
	return text;
}

static int find_port(const char *name)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	int fd = -1;

	while (ports != NULL && fd < 0 && (entry = readdir(ports)) != NULL) {
		char path[600], found[64];

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		read_text(path, found, sizeof(found));
		found[strcspn(found, "\n")] = '\0';
		if (strcmp(found, name) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (ports != NULL)
		closedir(ports);
	return fd;
}

/*
 * Names and connections of ports come by messages from QEMU, which may arrive after
 * PID 1 has started, and until the host counts as connected a read can't be told from
 * one after its end: so ask until both are there.
 */
static int open_port(const char *name)
{
	int fd = -1;

	for (int milliseconds = 0; milliseconds < 10000; milliseconds++) {
		struct pollfd state;

		if (fd < 0)
			fd = find_port(name);
		state = (struct pollfd){ .fd = fd, .events = POLLOUT };
		if (fd >= 0 && poll(&state, 1, 0) >= 0 && !(state.revents & POLLHUP))
			return fd;
		usleep(1000);
	}
	die("no virtio port named %s, or nobody on its other end", name);
}

static bool read_exactly(int fd, char *data, size_t length)
{
	while (length > 0) {
		ssize_t got = read(fd, data, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		data += got;
		length -= got;
	}
	return true;
}

/* Without the host there is nobody to work for, so its hanging up ends the machine. */
static struct frame read_frame(int port)
{
	unsigned char header[FRAME_HEADER];
	struct frame frame;

	if (!read_exactly(port, (char *)header, sizeof(header)))
		die("the host hung up");
	frame.type = header[0];
	frame.length = header[1] | header[2] << 8 | header[3] << 16 | (uint32_t)header[4] << 24;
	if (frame.length > FRAME_LENGTH_MAX)
		die("a frame of %u bytes, at most %d are allowed", frame.length, FRAME_LENGTH_MAX);
	frame.payload = calloc(1, frame.length + 1);
	if (frame.payload == NULL)
		die("no memory for a frame of %u bytes", frame.length);
	if (!read_exactly(port, frame.payload, frame.length))
		die("the host hung up within a frame");
	return frame;
}

#endif
