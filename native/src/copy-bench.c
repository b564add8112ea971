// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to get bytes out of another process, or into it, by every way that there
 * is. For each way (subject), kind of memory and size one JSON object a line:
 *
 *	{"subject":"process_vm_readv","bytes":4096,"memory":"small","iterations":1000,
 *	 "nanoseconds":2673.20}
 *
 * (in one line), where nanoseconds is the whole cost of one message of so many bytes. In a
 * guest whose clock counts instructions (qemu -icount shift=0) it is the instructions that
 * kernel and programs executed. What the measuring loop itself costs, subject `empty_loop`,
 * is in every figure and not subtracted.
 *
 * Each case is tried before it is measured, and the bytes that arrived are compared with
 * those sent; every later call must return the same count. Else there is no figure, but a
 * message, and the program fails.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <time.h>

#include "copy-bench/target.h"
#include "parse-number.h"

#define LIST_MAXIMUM 64
#define ROUNDS_MAXIMUM 1000
#define ROUNDS_DEFAULT 5

/* After the first call: caches, and what is allocated once. Not timed. */
#define WARM_UP_CALLS 2

/* About as many instructions go into one round of a case, or one call if that is more. */
#define ROUND_INSTRUCTIONS 1500000
#define ITERATIONS_MAXIMUM 500

/* What the buffer holds before a write. */
#define WRITTEN_SEED UINT32_C(0x7a5b3c91)

#define WORST_BYTES ((size_t)1 << 30)

struct plan {
	struct subject *subjects[LIST_MAXIMUM];
	size_t subject_count;
	size_t sizes[LIST_MAXIMUM];
	size_t size_count;
	enum memory_kind kinds[MEMORY_KINDS];
	size_t kind_count;
	long rounds;
	bool skip_missing;
};

/* One subject with one size in one kind of memory. */
struct measured_case {
	const struct subject *subject;
	const struct target *target;
	struct transfer *transfer;
	long rounds, iterations;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static _Noreturn void fail_case(const struct measured_case *measured, const char *what)
{
	fail("%s, %zu bytes of %s memory: %s", measured->subject->name, measured->transfer->bytes,
	     memory_names[measured->target->kind], what);
}

/*
 * Most calls cost less than what is reckoned with; so few iterations at least are made that a
 * full run takes a minute. The floor costs a tenth of them: a round as short as that would make
 * it more, with an interrupt in it, than two boots may differ by.
 */
static long choose_iterations(const struct subject *subject, size_t bytes, size_t ranges)
{
	bool floor = subject->direction == OWN_TO_BUFFER;
	long cost = floor ? ranges * 40 + bytes / 8 : ranges * 3000 + bytes / 2;
	long most = ROUND_INSTRUCTIONS / cost;
	long maximum = floor ? 10 * ITERATIONS_MAXIMUM : ITERATIONS_MAXIMUM;

	return most < 1 ? 1 : most > maximum ? maximum : most;
}

static void expect_count(const struct measured_case *measured, long copied)
{
	char words[160];

	if (__builtin_expect(copied == (long)measured->transfer->bytes, 1))
		return;
	if (copied < 0)
		snprintf(words, sizeof(words), "%s", error_words(errno));
	else
		snprintf(words, sizeof(words), "%ld bytes copied", copied);
	fail_case(measured, words);
}

static void expect_buffer(const struct measured_case *measured)
{
	size_t wrong = buffer_mismatch(measured->transfer, PLACED_SEED);
	char words[64];

	if (wrong == measured->transfer->bytes)
		return;
	snprintf(words, sizeof(words), "byte %zu of what arrived is wrong", wrong);
	fail_case(measured, words);
}

static void order_target(const struct measured_case *measured, enum order_kind kind)
{
	struct order order = {
		.kind = kind,
		.subject = measured->subject - subjects,
		.bytes = measured->transfer->bytes,
		.ranges = measured->transfer->ranges,
		.seed = WRITTEN_SEED,
		.messages = 1 + WARM_UP_CALLS + measured->rounds * measured->iterations,
	};

	give_order(measured->target, &order);
}

/*
 * Copies once and looks at every byte. Returns false if the kernel lacks the call, which is
 * an error unless it was said that it may.
 */
static bool try_case(const struct measured_case *measured, bool skip_missing)
{
	long copied;

	if (measured->subject->direction == BUFFER_TO_TARGET)
		fill_buffer(measured->transfer, WRITTEN_SEED);
	else
		memset(measured->transfer->buffer, 0, measured->transfer->bytes);
	copied = measured->subject->copy(measured->transfer);
	if (copied < 0 && errno == ENOSYS && measured->subject->needs_number && skip_missing) {
		fprintf(stderr, "copy-bench: %s: this kernel lacks it (ENOSYS)\n",
			measured->subject->name);
		return false;
	}
	expect_count(measured, copied);
	if (measured->subject->direction == BUFFER_TO_TARGET) {
		order_target(measured, CHECK_MEMORY);
		wait_for_answer(measured->target);
	} else if (measured->subject->direction != NO_BYTES) {
		expect_buffer(measured);
	}
	return true;
}

static double time_round(const struct measured_case *measured)
{
	const struct transfer *transfer = measured->transfer;
	long (*copy)(const struct transfer *) = measured->subject->copy;
	long done, copied = 0;
	double start = now();

	for (done = 0; done < measured->iterations; done++) {
		copied = copy(transfer);
		if (__builtin_expect(copied != (long)transfer->bytes, 0))
			break;
	}
	start = now() - start;
	if (done < measured->iterations)
		expect_count(measured, copied);
	return start;
}

static int compare(const void *one, const void *other)
{
	double difference = *(const double *)one - *(const double *)other;

	return difference < 0 ? -1 : difference > 0;
}

/* The median of several rounds: a timer's tick, or another process, is in few of them. */
static double measure(const struct measured_case *measured)
{
	double rounds[ROUNDS_MAXIMUM];

	for (int i = 0; i < WARM_UP_CALLS; i++)
		expect_count(measured, measured->subject->copy(measured->transfer));
	for (long i = 0; i < measured->rounds; i++)
		rounds[i] = time_round(measured);
	qsort(rounds, measured->rounds, sizeof(rounds[0]), compare);
	return rounds[measured->rounds / 2] / measured->iterations;
}

static bool run_case(const struct plan *plan, const struct target *target,
		     const struct subject *subject, struct transfer *transfer)
{
	struct measured_case measured = {
		.subject = subject,
		.target = target,
		.transfer = transfer,
		.rounds = plan->rounds,
		.iterations = choose_iterations(subject, transfer->bytes, transfer->ranges),
	};
	double nanoseconds;

	transfer->number = subject->number;
	if (subject->send)
		order_target(&measured, SEND_MESSAGES);
	if (!try_case(&measured, plan->skip_missing))
		return false;
	nanoseconds = measure(&measured);
	if (subject->direction == BUFFER_TO_TARGET)
		order_target(&measured, RESTORE_MEMORY);
	if (subject->send || subject->direction == BUFFER_TO_TARGET)
		wait_for_answer(target);
	printf("{\"subject\":\"%s\",\"bytes\":%zu,\"memory\":\"%s\",\"iterations\":%ld,"
	       "\"nanoseconds\":%.2f}\n",
	       subject->name, transfer->bytes, memory_names[target->kind],
	       measured.rounds * measured.iterations, nanoseconds);
	if (fflush(stdout) == EOF)
		fail("standard output: %s", error_words(errno));
	return true;
}

static void run_subject(const struct plan *plan, const struct target *target,
			const struct subject *subject, struct transfer *transfer)
{
	if (target->kind == MEMORY_PAGES) {
		set_layout(transfer, RANGES_MAXIMUM, RANGES_MAXIMUM);
		run_case(plan, target, subject, transfer);
		return;
	}
	for (size_t i = 0; i < plan->size_count; i++) {
		set_layout(transfer, plan->sizes[i], 1);
		if (!run_case(plan, target, subject, transfer))
			return;
	}
}

static void run_kind(const struct plan *plan, size_t kind, size_t length)
{
	struct target target;
	struct transfer transfer = {
		.remote = TARGET_ADDRESS,
		.own = OWN_ADDRESS,
		.buffer = BUFFER_ADDRESS,
		.lanes = &target.lanes,
	};

	start_target(&target, plan->kinds[kind], length);
	place_memory(target.kind, transfer.own, length);
	transfer.pid = target.pid;
	transfer.memory_file = target.memory_file;
	snprintf(transfer.memory_path, sizeof(transfer.memory_path), "/proc/%d/mem", target.pid);
	for (size_t i = 0; i < plan->subject_count; i++) {
		if (plan->subjects[i]->direction != NO_BYTES) {
			run_subject(plan, &target, plan->subjects[i], &transfer);
		} else if (kind == 0) {
			set_layout(&transfer, 0, 1);
			run_case(plan, &target, plan->subjects[i], &transfer);
		}
	}
	munmap(transfer.own, length);
	stop_target(&target);
}

static void add_item(struct plan *plan, int option, const char *item)
{
	if (option == 's') {
		plan->subjects[plan->subject_count++] = find_subject(item);
	} else if (option == 'b') {
		plan->sizes[plan->size_count++] = parse_number(item, "a size", WORST_BYTES);
	} else {
		size_t kind = 0;

		while (kind < MEMORY_KINDS && strcmp(memory_names[kind], item))
			kind++;
		if (kind == MEMORY_KINDS || plan->kind_count == MEMORY_KINDS)
			fail("memory '%s': expected small, scattered, thp or pages, each once",
			     item);
		plan->kinds[plan->kind_count++] = kind;
	}
}

static void add_list(struct plan *plan, int option, char *list)
{
	char *rest, *item = strtok_r(list, ",", &rest);

	for (; item; item = strtok_r(NULL, ",", &rest)) {
		if (plan->subject_count == LIST_MAXIMUM || plan->size_count == LIST_MAXIMUM)
			fail("more than %d subjects or sizes", LIST_MAXIMUM);
		add_item(plan, option, item);
	}
}

static void set_number(char *text)
{
	char *equals = strchr(text, '=');
	struct subject *subject;

	if (!equals)
		fail("--number has to be SUBJECT=NUMBER, got '%s'", text);
	*equals = '\0';
	subject = find_subject(text);
	if (!subject->needs_number)
		fail("%s has no system call number of its own", text);
	subject->number = parse_number(equals + 1, text, INT_MAX);
}

static _Noreturn void print_help(void)
{
	printf("usage: copy-bench --subjects LIST --sizes LIST --memory LIST [--rounds N]\n"
	       "                  [--number SUBJECT=NUMBER]... [--skip-missing]\n\n"
	       "LISTs have commas. Sizes are bytes. Memory is small, scattered, thp or pages.\n"
	       "--rounds N: of each figure's N rounds the median is taken (%d)\n"
	       "--number: a system call's number; copy_from_process and copy_to_process need it\n"
	       "--skip-missing: a call that the kernel lacks is left out; else it is an error\n\n"
	       "Subjects:",
	       ROUNDS_DEFAULT);
	for (size_t i = 0; i < SUBJECTS; i++)
		printf(" %s", subjects[i].name);
	printf("\n");
	exit(0);
}

static struct plan parse_arguments(int count, char **arguments)
{
	static const struct option options[] = {
		{ "subjects", required_argument, NULL, 's' },
		{ "sizes", required_argument, NULL, 'b' },
		{ "memory", required_argument, NULL, 'm' },
		{ "number", required_argument, NULL, 'n' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "skip-missing", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct plan plan = { .rounds = ROUNDS_DEFAULT };
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == 's' || option == 'b' || option == 'm')
			add_list(&plan, option, optarg);
		else if (option == 'n')
			set_number(optarg);
		else if (option == 'r')
			plan.rounds = parse_number(optarg, "--rounds", ROUNDS_MAXIMUM);
		else if (option == 'k')
			plan.skip_missing = true;
		else if (option == 'h')
			print_help();
		else
			fail("see --help");
	}
	if (optind < count)
		fail("'%s' is not an option; see --help", arguments[optind]);
	if (!plan.subject_count || !plan.size_count || !plan.kind_count)
		fail("--subjects, --sizes and --memory are needed; see --help");
	return plan;
}

int main(int count, char **arguments)
{
	struct plan plan = parse_arguments(count, arguments);
	size_t length = HUGE_BYTES; /* enough for an order of touching that scatters */

	for (size_t i = 0; i < plan.subject_count; i++) {
		if (plan.subjects[i]->needs_number && plan.subjects[i]->number < 0)
			fail("%s needs --number %s=NUMBER", plan.subjects[i]->name,
			     plan.subjects[i]->name);
	}
	for (size_t i = 0; i < plan.size_count; i++) {
		while (length < plan.sizes[i])
			length += HUGE_BYTES;
	}
	/* For this process and the target: waking the other doesn't give way to it at once. */
	if (sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }) < 0)
		fail("sched_setscheduler: %s", error_words(errno));
	map_at(BUFFER_ADDRESS, length, MAP_PRIVATE, MADV_HUGEPAGE);
	touch(BUFFER_ADDRESS, length, 1);
	for (size_t i = 0; i < plan.kind_count; i++)
		run_kind(&plan, i, length);
	return 0;
}
