// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the kernel's KUnit tests of its reader of D-Bus messages on the host, and asks libdbus for
 * its verdict on each message in them, on those in a file, and on random ones:
 *	test-message FILE COUNT
 * Prints TAP; ends with 1 if a test fails, and aborts where the two read a message differently.
 */
#include "compare.h"
#include "generate.h"
#include <kunit/test.h>

static struct kunit *running;
static unsigned int compared;

/* Reads a message, and complains if libdbus reads it differently. */
static int read_compared(struct dbus_message *message, const u8 *data, size_t length,
			 unsigned int unix_fds)
{
	int error = dbus_message_read(message, data, length, unix_fds);
	DBusMessage *expected;

	/* libdbus is given no descriptors, and would wait for the rest of what is cut off. */
	if (unix_fds || length < DBUS_FIXED_HEADER_LENGTH ||
	    dbus_message_demarshal_bytes_needed((const char *)data, (int)length) != (int)length)
		return error;
	expected = dbus_message_demarshal((const char *)data, (int)length, NULL);
	compared++;
	if (!error != (expected != NULL))
		kunit_fail(running, "libdbus's verdict", "%s", error ? "refused" : "taken");
	if (expected)
		dbus_message_unref(expected);
	return error;
}

#define dbus_message_read read_compared
#include "message_test.c"
#undef dbus_message_read

static unsigned int number, failed;

static void run_test(const struct kunit_case *test_case, struct kunit *test)
{
	running = test;
	if (!setjmp(test->end))
		test_case->run_case(test);
	for (; test->allocation_count; test->allocation_count--)
		free(test->allocations[test->allocation_count - 1]);
}

/* TAP gives # a meaning, and terminals don't like what isn't text. */
static void print_description(const char *description)
{
	printf(": ");
	for (; *description; description++)
		putchar(*description == '#' || (unsigned char)*description > 126 ? '?' : *description);
}

static void report_test(const struct kunit_case *test_case, const void *parameter,
			const char *description)
{
	struct kunit test = { .param_value = parameter };

	run_test(test_case, &test);
	failed += test.failures != 0;
	printf("%sok %u - %s", test.failures ? "not " : "", ++number, test_case->name);
	if (parameter)
		print_description(description);
	if (test.skip_reason)
		printf(" # SKIP %s", test.skip_reason);
	putchar('\n');
}

static void run_suite(const struct kunit_suite *suite)
{
	char description[KUNIT_PARAM_DESC_SIZE] = "";
	const struct kunit_case *test_case;

	for (test_case = suite->test_cases; test_case->run_case; test_case++) {
		const void *parameter = NULL;

		if (!test_case->generate_params) {
			report_test(test_case, NULL, "");
			continue;
		}
		while ((parameter = test_case->generate_params(NULL, parameter, description)))
			report_test(test_case, parameter, description);
	}
}

/* Returns how many messages are in the file. */
static unsigned int compare_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	size_t size, length, offset = 0;
	unsigned int count = 0;
	static u8 data[1 << 20];

	require(file, "%s can't be read", name);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	for (; offset + DBUS_FIXED_HEADER_LENGTH <= size; offset += length, count++) {
		length = compare_with_libdbus(data + offset, size - offset);
		require(length, "no message at %zu of %s", offset, name);
	}
	require(offset == size, "%zu bytes after the last message of %s", size - offset, name);
	return count;
}

static void compare_random(unsigned int count)
{
	u8 data[4096];

	for (unsigned int seed = 0; seed < count; seed++) {
		size_t size = generate_message(data, sizeof(data), seed);

		if (size >= DBUS_FIXED_HEADER_LENGTH)
			compare_with_libdbus(data, size);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: test-message FILE COUNT\n");
		return 2;
	}
	puts("TAP version 13");
	run_suite(tested_suite);
	printf("# libdbus was asked about %u of their messages\n", compared);
	printf("ok %u - %u messages of the file\n", number + 1, compare_file(argv[1]));
	compare_random(strtoul(argv[2], NULL, 10));
	printf("ok %u - %s random messages\n", number + 2, argv[2]);
	printf("1..%u\n", number + 2);
	return failed ? 1 : 0;
}
