/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target executes another program, which has other memory at the same addresses: of
 * the same user, so that calls which begin later may copy it, or set-user-ID, so that
 * none may ever. A call that began before must not reach it.
 */
#ifndef FASTIPC_RACES_EXECS_H
#define FASTIPC_RACES_EXECS_H

#include <grp.h>
#include <poll.h>
#include <sys/stat.h>

#include "targets.h"

#define UNPRIVILEGED 65534
#define STATUS_CHANGED 3

/* argv[1] of the other program; argv[2] is what it reads until the judge is done. */
#define OTHER_PROGRAM "--other-program"
#define OTHER_PROGRAM_WATCHES "--other-program-watches"

enum { SEEN_BEFORE, SEEN_AFTER };

struct program {
	char path[64];
	bool by_thread; /* which isn't the leader */
	bool forbidden; /* no call may reach it */
};

/* How the target and the judge hear of each other across the exec. */
struct pipes {
	int alive[2]; /* closed by the judge when the other program is to end */
	int gone[2]; /* closed by the exec */
};

static struct program program;
static struct pipes pipes;

static int run_other_program(char **arguments)
{
	bool watches = !strcmp(arguments[1], OTHER_PROGRAM_WATCHES);
	char byte;

	while (read(atoi(arguments[2]), &byte, 1) > 0)
		;
	/* The image was not written to by this program. */
	if (watches && byte_mismatch(image, IMAGE_BYTES, OTHER_BYTE) < IMAGE_BYTES)
		return STATUS_CHANGED;
	return 0;
}

static void execute(void)
{
	char input[16];

	snprintf(input, sizeof(input), "%d", pipes.alive[0]);
	execl(program.path, program.path,
	      program.forbidden ? OTHER_PROGRAM_WATCHES : OTHER_PROGRAM, input, NULL);
	fail("exec of %s: %s", program.path, error_words(errno));
}

static void *execute_in_thread(void *argument)
{
	stage->number = syscall(SYS_gettid);
	set_flag(READY, 1);
	await_flag(GO, 1);
	busy_until(now() + stage->delay);
	execute();
	return argument;
}

static void live_and_execute(void *argument __attribute__((unused)))
{
	close(pipes.alive[1]);
	close(pipes.gone[0]);
	if (program.by_thread) {
		start_thread(execute_in_thread, NULL);
		for (;;)
			pause();
	}
	set_flag(READY, 1);
	await_flag(GO, 1);
	busy_until(now() + stage->delay);
	execute();
}

static bool has_executed(void)
{
	struct pollfd gone = { .fd = pipes.gone[0] };

	return poll(&gone, 1, 0) == 1;
}

/* That a call's bytes are all of one program, and of one that it may copy. */
static void expect_one_program(const struct way *way, struct range range, unsigned char *local,
			       long copied)
{
	size_t count = copied > 0 ? copied : 0;
	size_t before, after;

	before = first_difference(local, original + range.offset, count);
	after = byte_mismatch(local, count, OTHER_BYTE);
	if (before < count && (program.forbidden || after < count))
		fail("%s: %ld of %zu bytes copied from %zu; the first %zu are of the program that "
		     "the call was made for, then there is 0x%02x%s",
		     way->name, copied, range.length, range.offset, before, local[before],
		     local[before] == OTHER_BYTE ? ", of the other program" : "");
	if (count && !program.forbidden)
		count_event(before < count ? SEEN_AFTER : SEEN_BEFORE);
	expect_canary(way, local, range.length, copied);
}

static void copy_image(const struct way *way, const struct target *target)
{
	struct range range = choose_range_in(IMAGE_BYTES);
	unsigned char *local = way->write ? written + range.offset : buffer;
	long copied = call_copy(way, target, image + range.offset, range.length, local);

	record(way, copied, range.length);
	if (!way->write)
		expect_one_program(way, range, local, copied);
}

/* The time that a copy takes, so that the exec comes in the middle of some. */
static void time_copy(const struct way *way, const struct target *target)
{
	uint64_t begin = now();

	if (call_copy(way, target, image, IMAGE_BYTES, buffer) != IMAGE_BYTES)
		fail("%s: not all was copied before the exec", way->name);
	stage->delay = random_below((now() - begin) * 5 / 2);
	memset(buffer, CANARY, IMAGE_BYTES);
}

static void run_exec_round(const struct way *way)
{
	static const struct way *const read_by_pid = &ways[0];
	struct target target, named;
	int status;

	clear_flags();
	if (pipe(pipes.alive) < 0 || pipe2(pipes.gone, O_CLOEXEC) < 0)
		fail("pipe: %s", error_words(errno));
	target = start_process(live_and_execute, NULL);
	close(pipes.alive[0]);
	close(pipes.gone[1]);
	await_flag(READY, 1);
	named = target;
	if (program.by_thread && random_below(2)) {
		named.pid = stage->number;
		named.pidfd = open_pidfd(named.pid, PIDFD_THREAD);
	}
	time_copy(read_by_pid, &named);
	set_flag(GO, 1);
	while (!has_executed())
		copy_image(way, &named);
	for (int i = 0; i < 3; i++)
		copy_image(way, &named);
	if (named.pidfd != target.pidfd)
		close(named.pidfd);
	close(pipes.gone[0]);
	close(pipes.alive[1]);
	status = reap(&target);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_CHANGED)
		fail("%s: the other program's memory was written to", way->name);
	if (status)
		fail("the other program ended with status 0x%x", status);
	expect_bystander_unchanged();
}

static void run_execs(void)
{
	while (goes_on())
		run_exec_round(next_way());
}

static void run_exec(void)
{
	strcpy(program.path, "/proc/self/exe");
	run_execs();
}

static void run_exec_by_thread(void)
{
	program.by_thread = true;
	run_exec();
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	int sink = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	static char block[1 << 16];
	ssize_t got;

	if (source < 0 || sink < 0)
		fail("copying %s to %s: %s", from, to, error_words(errno));
	while ((got = read(source, block, sizeof(block))) > 0) {
		if (write(sink, block, got) != got)
			fail("writing %s: %s", to, error_words(errno));
	}
	if (got < 0 || fchmod(sink, mode) < 0 || close(sink) < 0)
		fail("copying %s to %s: %s", from, to, error_words(errno));
	close(source);
}

/* This process as nobody; the target, which inherits that, may still be copied. */
static void drop_privileges(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) < 0 ||
	    setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		fail("becoming user %d: %s", UNPRIVILEGED, error_words(errno));
}

static void run_exec_set_user_id(void)
{
	char directory[] = "/tmp/copy-races-XXXXXX";

	if (!mkdtemp(directory) || chmod(directory, 0755) < 0 ||
	    chown(directory, UNPRIVILEGED, UNPRIVILEGED) < 0)
		fail("a directory in /tmp: %s", error_words(errno));
	snprintf(program.path, sizeof(program.path), "%s/other", directory);
	copy_file("/proc/self/exe", program.path, 04755);
	program.forbidden = true;
	drop_privileges();
	run_execs();
	unlink(program.path);
	rmdir(directory);
}

#endif
