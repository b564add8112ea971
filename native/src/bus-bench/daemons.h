/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debian's bus daemons, each on a bus of its own where everybody may do everything. One that fails
 * to start ends the program with a message. They die with the program.
 */
#ifndef FASTIPC_BUS_BENCH_DAEMONS_H
#define FASTIPC_BUS_BENCH_DAEMONS_H

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../dbus-wire/connection.h"

/* Where dbus-broker-launch wants to log to; systemd's is named so */
#define JOURNAL		"/run/systemd/journal/socket"
#define BACKLOG		4096

/*
 * In milliseconds: a day. Where the clock counts instructions it leaps while everybody waits for
 * something to be read from the host, over any usual timeout.
 */
#define NEVER		"86400000"

/* Who may receive what. dbus-broker knows no eavesdropping, and says so. */
#define DAEMON_RECEIVES	"<allow eavesdrop=\"true\"/>"
#define BROKER_RECEIVES	"<allow receive_type=\"method_call\"/><allow receive_type=\"signal\"/>" \
			"<allow receive_type=\"method_return\"/><allow receive_type=\"error\"/>"

/* @path: at which dbus-daemon is to listen; NULL for dbus-broker, which is given its listener */
static inline void write_configuration(const char *file, const char *path)
{
	FILE *stream = fopen(file, "w");

	if (!stream)
		err(1, "%s", file);
	fprintf(stream, "<busconfig><type>session</type><auth>EXTERNAL</auth>"
		"<policy context=\"default\"><allow own=\"*\"/>%s"
		"<allow send_destination=\"*\"/></policy>"
		"<limit name=\"auth_timeout\">" NEVER "</limit>"
		"<limit name=\"max_completed_connections\">50000</limit>"
		"<limit name=\"max_incomplete_connections\">50000</limit>"
		"<limit name=\"max_connections_per_user\">50000</limit>",
		path ? DAEMON_RECEIVES : BROKER_RECEIVES);
	if (path)
		fprintf(stream, "<listen>unix:path=%s</listen>", path);
	fprintf(stream, "</busconfig>\n");
	if (fclose(stream))
		err(1, "%s", file);
}

/* Starts dbus-daemon, with the library that converts its listener if there is one. */
static inline pid_t start_dbus_daemon(const char *path, const char *library)
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
	/* It prints its address once it listens. */
	if (pid < 0 || read(ends[0], &byte, 1) != 1)
		errx(1, "dbus-daemon didn't start");
	close(ends[0]);
	return pid;
}

static inline int bound_socket(const char *path, int type)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	fill_address(&address, path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "bind a socket to %s", path);
	return fd;
}

/* Nobody reads it. What its launcher would say besides, it says on standard error. */
static inline void open_journal(void)
{
	if (!access(JOURNAL, F_OK))
		return;
	if ((mkdir("/run/systemd", 0755) && errno != EEXIST) ||
	    (mkdir("/run/systemd/journal", 0755) && errno != EEXIST))
		err(1, "make the folder of " JOURNAL);
	bound_socket(JOURNAL, SOCK_DGRAM);
}

/*
 * Hands the listener over as a service manager does. The launcher looks for that on its own bus, for
 * there is nowhere else to look; nobody answers, and it goes on.
 */
static inline _Noreturn void execute_broker(const char *path, const char *file, int listener)
{
	char pid[16], address[128];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(address, sizeof(address), "unix:path=%s", path);
	setenv("DBUS_SESSION_BUS_ADDRESS", address, 1);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	/* One that has the number already would stay close-on-exec. */
	if (listener == 3 ? fcntl(3, F_SETFD, 0) : dup2(listener, 3) < 0)
		err(1, "hand over the listener");
	execlp("dbus-broker-launch", "dbus-broker-launch", "--scope", "user", "--config-file", file,
	       NULL);
	err(1, "dbus-broker-launch");
}

/* Starts dbus-broker by its launcher. Who connects before it is ready waits for it. */
static inline pid_t start_dbus_broker(const char *path)
{
	int listener = bound_socket(path, SOCK_STREAM | SOCK_NONBLOCK);
	char file[128];
	pid_t pid;

	open_journal();
	snprintf(file, sizeof(file), "%s.conf", path);
	write_configuration(file, NULL);
	if (listen(listener, BACKLOG))
		err(1, "listen");
	pid = fork();
	if (!pid)
		execute_broker(path, file, listener);
	if (pid < 0)
		err(1, "fork");
	close(listener);
	return pid;
}

#endif
