/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other process: it maps memory where it was told, then does what it is ordered to,
 * one order at a time, and waits for the next. It ends with this process, and this one
 * with it, whatever either of them waits for.
 */
#ifndef FASTIPC_TARGET_H
#define FASTIPC_TARGET_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "subjects.h"

enum order_kind {
	SEND_MESSAGES,
	CHECK_MEMORY, /* that it holds what was written */
	RESTORE_MEMORY, /* so that it holds what the next subject expects */
};

struct order {
	enum order_kind kind;
	size_t subject;
	size_t bytes, ranges;
	long messages; /* to send */
	uint32_t seed; /* of what was written */
};

struct target {
	pid_t pid;
	int orders; /* written to */
	int answers; /* a byte for each order that was carried out */
	int memory_file;
	enum memory_kind kind;
	size_t length;
	struct lanes lanes;
};

static void send_messages(const struct order *order, const struct transfer *transfer)
{
	const struct subject *subject = &subjects[order->subject];

	for (long i = 0; i < order->messages; i++) {
		long sent;

		wait_for(transfer->lanes->wanted);
		sent = subject->send(transfer);
		if (sent != (long)transfer->bytes)
			fail("%s: the target sent %ld of %zu bytes: %s", subject->name, sent,
			     transfer->bytes, sent < 0 ? error_words(errno) : "too few");
	}
}

static void check_memory(const struct order *order, const struct transfer *transfer)
{
	size_t wrong = memory_mismatch(transfer, order->seed);

	if (wrong != transfer->bytes)
		fail("%s: byte %zu of %zu is wrong in the target's memory",
		     subjects[order->subject].name, wrong, transfer->bytes);
}

static void carry_out(const struct order *order, const struct transfer *transfer)
{
	switch (order->kind) {
	case SEND_MESSAGES:
		return send_messages(order, transfer);
	case CHECK_MEMORY:
		return check_memory(order, transfer);
	case RESTORE_MEMORY:
		return pattern_fill(transfer->remote,
				    transfer->bytes + (transfer->ranges - 1) * RANGE_STRIDE,
				    PLACED_SEED);
	}
}

static _Noreturn void run_target(const struct target *target, int orders, int answers)
{
	struct transfer transfer = { .remote = TARGET_ADDRESS, .lanes = &target->lanes };
	struct order order;
	ssize_t got;

	place_memory(target->kind, transfer.remote, target->length);
	if (write(answers, "m", 1) != 1)
		fail("the target can't answer: %s", error_words(errno));
	while ((got = read(orders, &order, sizeof(order))) == sizeof(order)) {
		set_layout(&transfer, order.bytes, order.ranges);
		carry_out(&order, &transfer);
		if (write(answers, "d", 1) != 1)
			fail("the target can't answer: %s", error_words(errno));
	}
	_exit(got == 0 ? 0 : 1);
}

static void on_target_death(int signal __attribute__((unused)))
{
	static const char words[] = "copy-bench: the target has ended\n";

	_exit(write(2, words, sizeof(words) - 1) < 0 ? 2 : 1);
}

static void wait_for_answer(const struct target *target)
{
	char answer;

	if (read(target->answers, &answer, 1) != 1)
		fail("no answer from the target: %s", error_words(errno));
}

static void give_order(const struct target *target, const struct order *order)
{
	if (write(target->orders, order, sizeof(*order)) != sizeof(*order))
		fail("can't give the target an order: %s", error_words(errno));
}

/* Starts a target whose memory is there, and is of the kind, when this returns. */
static void start_target(struct target *target, enum memory_kind kind, size_t length)
{
	struct sigaction death = { .sa_handler = on_target_death, .sa_flags = SA_NOCLDSTOP };
	int orders[2], answers[2];
	pid_t parent = getpid();
	char path[32];

	target->kind = kind;
	target->length = length;
	open_lanes(&target->lanes, length);
	if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		fail("pipe: %s", error_words(errno));
	sigaction(SIGCHLD, &death, NULL);
	target->pid = fork();
	if (target->pid < 0)
		fail("fork: %s", error_words(errno));
	if (target->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(orders[1]);
		close(answers[0]);
		keep_ends(&target->lanes, 0, 0);
		run_target(target, orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	keep_ends(&target->lanes, 1, 1);
	target->orders = orders[1];
	target->answers = answers[0];
	wait_for_answer(target);
	snprintf(path, sizeof(path), "/proc/%d/mem", target->pid);
	target->memory_file = open(path, O_RDWR | O_CLOEXEC);
	if (target->memory_file < 0)
		fail("%s: %s", path, error_words(errno));
}

static void stop_target(struct target *target)
{
	signal(SIGCHLD, SIG_DFL);
	close(target->orders);
	if (waitpid(target->pid, NULL, 0) != target->pid)
		fail("waitpid: %s", error_words(errno));
	close(target->answers);
	close(target->memory_file);
	close_lanes(&target->lanes, target->length);
}

#endif
