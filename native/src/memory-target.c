// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process with known memory, for the tests of ltp-style-tests: it maps, fills and
 * checks memory, becomes other users, starts threads and children, and makes the calls
 * under test, as it is told on standard input, one request a line. What each request
 * takes and gives is in the table at the end of this file.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#include "memory-target/alignments.h"
#include "memory-target/channel.h"
#include "memory-target/copy-ways.h"
#include "memory-target/followers.h"
#include "memory-target/map-requests.h"
#include "memory-target/packet-ring.h"
#include "memory-target/pattern.h"
#include "memory-target/programs.h"
#include "memory-target/request.h"
#include "memory-target/userfaults.h"
#include "memory-target/written-pages.h"

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

#define KEEP_CAPABILITIES (~0UL)

static void do_identity(struct request *request)
{
	uid_t user[3];
	gid_t group[3];

	if (getresuid(&user[0], &user[1], &user[2]) || getresgid(&group[0], &group[1], &group[2]))
		return channel_fail(request->channel, "getresuid");
	channel_answer(request->channel, "ok %ld %ld %u %u %u %u %u %u", syscall(SYS_getpid),
		       syscall(SYS_gettid), user[0], user[1], user[2], group[0], group[1], group[2]);
}

static void do_unmap(struct request *request)
{
	answer_status(request, munmap(pointer(request->number[0]), request->number[1]), "munmap");
}

static void do_protect(struct request *request)
{
	answer_status(request, mprotect(pointer(request->number[0]), request->number[1],
					protection(request->word[2])), "mprotect");
}

static void do_advise(struct request *request)
{
	answer_status(request, madvise(pointer(request->number[0]), request->number[1],
				       (int)request->number[2]), "madvise");
}

static void do_fill(struct request *request)
{
	pattern_fill(pointer(request->number[0]), request->number[1], request->number[2]);
	channel_answer(request->channel, "ok");
}

/*
 * Has a page everywhere, none of which lies beside its neighbour: pages are handed out
 * one after another, so they are asked for in another order.
 */
static void do_scatter(struct request *request)
{
	const size_t stride = 1031;
	size_t pages = request->number[1] / page_size, page = 0;
	char *memory = pointer(request->number[0]);

	if (!(pages % stride)) {
		errno = EINVAL;
		return channel_fail(request->channel, "scatter");
	}
	for (size_t i = 0; i < pages; i++, page = (page + stride) % pages)
		memory[page * page_size] = 1;
	channel_answer(request->channel, "ok");
}

static void answer_mismatch(struct request *request, size_t offset, unsigned char expected)
{
	unsigned char *memory = pointer(request->number[0]);

	if (offset == request->number[1])
		channel_answer(request->channel, "ok same");
	else
		channel_answer(request->channel, "ok differs at byte %zu: 0x%02x, expected 0x%02x",
			       offset, memory[offset], expected);
}

static void do_check(struct request *request)
{
	size_t offset = pattern_mismatch(pointer(request->number[0]), request->number[1],
					 request->number[2]);

	answer_mismatch(request, offset, pattern_byte(offset, request->number[2]));
}

static void do_set(struct request *request)
{
	memset(pointer(request->number[0]), (int)request->number[2], request->number[1]);
	channel_answer(request->channel, "ok");
}

static void do_all(struct request *request)
{
	answer_mismatch(request, byte_mismatch(pointer(request->number[0]), request->number[1],
					       request->number[2]), request->number[2]);
}

static void do_peek(struct request *request)
{
	unsigned char bytes[LINE_LENGTH_MAXIMUM / 4];
	char text[2 * sizeof(bytes) + 1];

	if (request->number[1] > sizeof(bytes)) {
		errno = EMSGSIZE;
		return channel_fail(request->channel, "peek");
	}
	/* In one go: registers of a device may not be readable byte by byte. */
	memcpy(bytes, pointer(request->number[0]), request->number[1]);
	text[0] = '\0';
	for (size_t i = 0; i < request->number[1]; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	channel_answer(request->channel, "ok %s", text);
}

static void do_system_call(struct request *request)
{
	const unsigned long *a = request->number;
	long returned = syscall((long)a[0], a[1], a[2], a[3], a[4], a[5], a[6]);

	channel_answer(request->channel, "ok %ld %d", returned, returned == -1 ? errno : 0);
}

static void do_copy(struct request *request)
{
	const unsigned long *a = request->number;
	struct copy_outcome outcome;
	struct copy_way way;

	if (!copy_way_parse(request->word[0], &way)) {
		errno = EINVAL;
		return channel_fail(request->channel, "copy");
	}
	outcome = copy_call(way, a[1], a[2], a[3], a[4], a[5]);
	channel_answer(request->channel, "ok %ld %d", outcome.returned, outcome.error);
}

/* Until it succeeds: what is written to may make the kernel's own copy of the text fail. */
static bool write_through_faults(int fd, const char *text)
{
	ssize_t written;

	do {
		written = write(fd, text, strlen(text));
	} while (written < 0 && errno == EFAULT);
	return written > 0;
}

/* A copy during which the kernel makes its own copies fail: fail-nth says which, make-it-fail any. */
static void do_faulty_copy(struct request *request)
{
	const unsigned long *a = request->number;
	struct copy_outcome outcome;
	struct copy_way way;
	char path[64];
	int fd;

	if (!copy_way_parse(request->word[2], &way)) {
		errno = EINVAL;
		return channel_fail(request->channel, "faulty-copy");
	}
	snprintf(path, sizeof(path), "/proc/thread-self/%s", request->word[0]);
	fd = open(path, O_WRONLY);
	if (fd < 0 || !write_through_faults(fd, request->word[1]))
		return channel_fail(request->channel, path);
	outcome = copy_call(way, a[3], a[4], a[5], a[6], 0);
	if (!write_through_faults(fd, "0"))
		return channel_fail(request->channel, path);
	close(fd);
	channel_answer(request->channel, "ok %ld %d", outcome.returned, outcome.error);
}

static unsigned long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000UL + now.tv_nsec;
}

/* The same copy many times, until one doesn't copy all; says when it began and ended. */
static void do_repeat(struct request *request)
{
	const unsigned long *a = request->number;
	struct copy_outcome outcome = { 0 };
	unsigned long done, begin;
	struct copy_way way;

	if (!copy_way_parse(request->word[1], &way)) {
		errno = EINVAL;
		return channel_fail(request->channel, "repeat");
	}
	begin = nanoseconds();
	for (done = 0; done < a[0]; done++) {
		outcome = copy_call(way, a[2], a[3], a[4], a[5], 0);
		if (outcome.returned != (long)a[4])
			break;
	}
	channel_answer(request->channel, "ok %lu %ld %d %lu %lu", done, outcome.returned,
		       outcome.error, begin, nanoseconds());
}

static void do_alignments(struct request *request)
{
	const unsigned long *a = request->number;
	struct alignments run = {
		.pid = (pid_t)a[2], .remote = pointer(a[3]), .local = pointer(a[4]),
		.seed = a[5], .skew = (long)a[6], .surplus = (long)a[7],
		.to_process = !strcmp(request->word[1], "to"),
	};

	if (!copy_way_parse(request->word[0], &run.way)) {
		errno = EINVAL;
		return channel_fail(request->channel, "alignments");
	}
	if (alignments_check(&run))
		channel_answer(request->channel, "ok same %zu", run.checked);
	else
		channel_answer(request->channel, "ok differs after %zu: %s", run.checked, run.report);
}

static void answer_id(struct request *request, pid_t id, const char *what)
{
	if (id < 0)
		channel_fail(request->channel, what);
	else
		channel_answer(request->channel, "ok %d", id);
}

static void do_thread(struct request *request)
{
	answer_id(request, follower_start_thread(), "pthread_create");
}

static void do_fork(struct request *request)
{
	answer_id(request, follower_start_child(request->number[0]), "clone");
}

static void do_vfork(struct request *request)
{
	answer_id(request, follower_start_vfork(), "vfork");
}

/* Passes word[1] on to the follower, and its answer back as it is. */
static void do_tell(struct request *request)
{
	struct follower *follower = follower_find((pid_t)request->number[0]);
	struct channel answers;
	char *line = request->word[1];

	if (!follower)
		return channel_fail(request->channel, "tell");
	answers.in = follower->socket;
	line[strlen(line) + 1] = '\0';
	line[strlen(line)] = '\n';
	channel_write(follower->socket, line, strlen(line));
	if (!channel_read(&answers)) {
		errno = ESRCH;
		return channel_fail(request->channel, "the follower ended");
	}
	answers.line[strlen(answers.line)] = '\n';
	channel_write(request->channel->out, answers.line, answers.used);
}

static bool set_capabilities(unsigned long mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (__u32)mask, .permitted = (__u32)mask },
		{ .effective = mask >> 32, .permitted = mask >> 32 },
	};

	return !syscall(SYS_capset, &header, data);
}

/*
 * Changes who this thread is; the library's own setresuid() would change every thread.
 * The last number says which capabilities stay, or KEEP_CAPABILITIES for what the kernel leaves.
 */
static void do_become(struct request *request)
{
	const unsigned long *a = request->number;
	bool keep = a[6] == KEEP_CAPABILITIES;

	if (!keep && prctl(PR_SET_KEEPCAPS, 1))
		return channel_fail(request->channel, "PR_SET_KEEPCAPS");
	if (syscall(SYS_setgroups, 0, NULL) ||
	    syscall(SYS_setresgid, a[3], a[4], a[5]) || syscall(SYS_setresuid, a[0], a[1], a[2]))
		return channel_fail(request->channel, "become");
	if (!keep && !set_capabilities(a[6]))
		return channel_fail(request->channel, "capset");
	channel_answer(request->channel, "ok");
}

static void do_dumpable(struct request *request)
{
	answer_status(request, prctl(PR_SET_DUMPABLE, request->number[0]), "PR_SET_DUMPABLE");
}

static void do_allow_tracer(struct request *request)
{
	answer_status(request, prctl(PR_SET_PTRACER, request->number[0]), "PR_SET_PTRACER");
}

/* A child that has ended, for certain, and that nobody has waited for. */
static void do_zombie(struct request *request)
{
	siginfo_t information;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid > 0 && waitid(P_PID, pid, &information, WEXITED | WNOWAIT))
		pid = -1;
	answer_id(request, pid, "zombie");
}

static void do_reap(struct request *request)
{
	answer_status(request, waitpid((pid_t)request->number[0], NULL, 0), "waitpid");
}

/* Of any process, not only of a child. */
static void do_await_end(struct request *request)
{
	struct pollfd ended = { .events = POLLIN };
	int status;

	ended.fd = (int)syscall(SYS_pidfd_open, request->number[0], 0);
	if (ended.fd < 0 && errno == ESRCH)
		return channel_answer(request->channel, "ok");
	do {
		status = ended.fd < 0 ? -1 : poll(&ended, 1, -1);
	} while (status < 0 && errno == EINTR);
	answer_status(request, status, "waiting for the end of a process");
	close(ended.fd);
}

static void *successor(void *channel)
{
	struct channel *leader = channel;

	while (!thread_is_zombie(getpid()))
		sched_yield();
	channel_answer(leader, "ok %ld", syscall(SYS_gettid));
	serve(leader->in, leader->out);
	followers_end();
	_exit(0);
}

/* The first thread ends; another goes on in its place, and answers with its own id. */
static void do_retire(struct request *request)
{
	static struct channel inherited;
	pthread_t thread;

	inherited.in = request->channel->in;
	inherited.out = request->channel->out;
	errno = pthread_create(&thread, NULL, successor, &inherited);
	if (errno)
		return channel_fail(request->channel, "pthread_create");
	syscall(SYS_exit, 0);
}

static void do_exit(struct request *request)
{
	followers_end();
	channel_answer(request->channel, "ok");
	_exit((int)request->number[0]);
}

/* n: a number; w: a word; *: the rest of the line */
static const struct verb {
	const char *name;
	const char *arguments;
	void (*run)(struct request *request);
} verbs[] = {
	/* → PID TID, then real, effective and saved UID, the same of GID */
	{ "identity", "", do_identity },
	/* KIND PAGES PROTECTION SEED FILE-PAGES → ADDRESS */
	{ "map", "wnwnn", do_map },
	/* PATH r|rw|direct → FD */
	{ "open", "ww", do_open },
	/* FLAGS PAGES SEED → FD of memfd_create(2) with these flags, filled with the pattern */
	{ "memory-file", "nnn", do_memory_file },
	/* FD PAGE PAGES PROTECTION private|shared → ADDRESS of those pages of the file */
	{ "map-file", "nnnww", do_map_file },
	/* FD LENGTH TIMES LAST → ADDRESS of a file's first LENGTH bytes so often in a row, then those at LAST */
	{ "map-repeated", "nnnn", do_map_repeated },
	/* rx|tx PAGES → ADDRESS of an AF_PACKET socket's ring */
	{ "map-packet-ring", "wn", do_map_packet_ring },
	/* ADDRESS LENGTH */
	{ "unmap", "nn", do_unmap },
	/* ADDRESS LENGTH PROTECTION */
	{ "protect", "nnw", do_protect },
	/* ADDRESS LENGTH ADVICE */
	{ "advise", "nnn", do_advise },
	/* ADDRESS LENGTH: touches every page, so that none lies beside its neighbour in memory */
	{ "scatter", "nn", do_scatter },
	/* ADDRESS LENGTH SEED: the pattern */
	{ "fill", "nnn", do_fill },
	/* ADDRESS LENGTH SEED → "same" or "differs …" */
	{ "check", "nnn", do_check },
	/* ADDRESS LENGTH BYTE: one byte all over */
	{ "set", "nnn", do_set },
	/* ADDRESS LENGTH BYTE → "same" or "differs …" */
	{ "all", "nnn", do_all },
	/* ADDRESS LENGTH → the bytes in hexadecimal */
	{ "peek", "nn", do_peek },
	/* ADDRESS LENGTH → how many of its pages were written since this was asked last, and which */
	{ "written-pages", "nn", do_written_pages },
	/* ADDRESS LENGTH MODES FEATURES → FD; UFFDIO_REGISTER_MODE_… and UFFD_FEATURE_… */
	{ "userfault", "nnnn", do_userfault },
	/* FD → ADDRESS FLAGS of the next fault, for which it waits */
	{ "userfault-wait", "n", do_userfault_wait },
	/* FD ADDRESS LENGTH SEED: puts pages with the pattern where there are none */
	{ "userfault-copy", "nnnn", do_userfault_copy },
	/* FD ADDRESS LENGTH write|access|none: what the pages are protected from */
	{ "userfault-protect", "nnnw", do_userfault_protect },
	/* FD ADDRESS SEED: resolves every fault from now on; the pattern begins at ADDRESS */
	{ "userfault-serve", "nnn", do_userfault_serve },
	/* NUMBER and six arguments → RETURNED ERRNO */
	{ "system-call", "nnnnnnn", do_system_call },
	/* WAY PID ADDRESS LENGTH BUFFER FLAGS → RETURNED ERRNO */
	{ "copy", "wnnnnn", do_copy },
	/* fail-nth|make-it-fail VALUE WAY PID ADDRESS LENGTH BUFFER → RETURNED ERRNO */
	{ "faulty-copy", "wwwnnnn", do_faulty_copy },
	/* TIMES WAY PID ADDRESS LENGTH BUFFER → DONE RETURNED ERRNO BEGIN END (nanoseconds) */
	{ "repeat", "nwnnnn", do_repeat },
	/* WAY from|to PID REMOTE LOCAL SEED SKEW SURPLUS → "same COUNT" or "differs …" */
	{ "alignments", "wwnnnnnn", do_alignments },
	/* → ID */
	{ "thread", "", do_thread },
	/* CLONE-FLAGS → ID */
	{ "fork", "n", do_fork },
	/* → ID of a child that shares this process's memory, in which a thread waits for it */
	{ "vfork", "", do_vfork },
	/* ID REQUEST … → its answer */
	{ "tell", "n*", do_tell },
	/* real, effective and saved UID, the same of GID, CAPABILITIES */
	{ "become", "nnnnnnn", do_become },
	/* 0 | 1 */
	{ "dumpable", "n", do_dumpable },
	/* PID, 0 for nobody, -1 for anybody: to Yama */
	{ "allow-tracer", "n", do_allow_tracer },
	/* → PID */
	{ "zombie", "", do_zombie },
	/* PID */
	{ "reap", "n", do_reap },
	/* PID: waits until that process has ended */
	{ "await-end", "n", do_await_end },
	/* PATH ARGUMENT: the address of a string, or 0 → the answer of the program */
	{ "execute", "wn", do_execute },
	/* → ID of a thread that has ended and that the parent has to reap */
	{ "traced-zombie", "", do_traced_zombie },
	/* PID ADDRESS: reads a performance counter of that process to there */
	{ "read-counter", "nn", do_read_counter },
	/* → ID of the thread that goes on */
	{ "retire", "", do_retire },
	/* STATUS */
	{ "exit", "n", do_exit },
};

/* Cuts the line into what the verb takes; false if it isn't that. */
static bool request_parse(struct request *request, const char *arguments, char *rest)
{
	for (int i = 0; arguments[i]; i++) {
		char *end;

		request->word[i] = arguments[i] == '*' ? rest : strsep(&rest, " ");
		if (!request->word[i] || !*request->word[i])
			return false;
		if (arguments[i] == '*')
			return true;
		if (arguments[i] != 'n')
			continue;
		request->number[i] = strtoul(request->word[i], &end, 0);
		if (*end)
			return false;
	}
	return !rest;
}

static void serve_line(struct channel *channel)
{
	struct request request = { .channel = channel };
	char *rest = channel->line;
	char *name = strsep(&rest, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name))
			continue;
		if (request_parse(&request, verbs[i].arguments, rest))
			return verbs[i].run(&request);
		channel_answer(channel, "error %d %s takes other arguments (%s)", EINVAL, name,
			       verbs[i].arguments);
		return;
	}
	channel_answer(channel, "error %d no such request: %s", EINVAL, name);
}

static void serve(int in, int out)
{
	struct channel channel = { .in = in, .out = out };

	while (channel_read(&channel))
		serve_line(&channel);
}

/* In place of standard input and output, the arguments of one that is executed by a request. */
int main(int count, char **arguments)
{
	int in = STDIN_FILENO, out = STDOUT_FILENO;

	if (count > 2) {
		in = atoi(arguments[1]);
		out = atoi(arguments[2]);
		channel_write(out, "ok\n", strlen("ok\n"));
	}
	serve(in, out);
	followers_end();
	return 0;
}
