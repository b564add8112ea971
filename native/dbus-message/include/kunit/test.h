/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of KUnit as message_test.c uses, and TAP for output. */
#ifndef FASTIPC_KUNIT_TEST_H
#define FASTIPC_KUNIT_TEST_H

#include <linux/array_size.h>
#include <linux/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KUNIT_PARAM_DESC_SIZE 256
#define KUNIT_ALLOCATIONS_MAX 1024

struct kunit {
	const void *param_value;
	const char *skip_reason;
	unsigned int failures;
	jmp_buf end;
	void *allocations[KUNIT_ALLOCATIONS_MAX];
	unsigned int allocation_count;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(struct kunit *test, const void *previous, char *description);
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(function) { .run_case = function, .name = #function }
#define KUNIT_CASE_PARAM(function, generator) \
	{ .run_case = function, .name = #function, .generate_params = generator }

#define KUNIT_ARRAY_PARAM_DESC(name, array, member)                                      \
	static const void *name##_gen_params(struct kunit *test, const void *previous,   \
					     char *description)                          \
	{                                                                                \
		typeof((array)[0]) *next = previous ? (typeof(next))previous + 1 : array; \
                                                                                         \
		(void)test;                                                              \
		if (next == (array) + ARRAY_SIZE(array))                                 \
			return NULL;                                                     \
		snprintf(description, KUNIT_PARAM_DESC_SIZE, "%s", next->member);        \
		return next;                                                             \
	}

#define kunit_test_suite(suite) static struct kunit_suite *const tested_suite = &(suite)


static inline __attribute__((format(printf, 3, 4))) void
kunit_fail(struct kunit *test, const char *condition, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("# not %s: ", condition);
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	test->failures++;
}

/* Of exactly that size, and freed after the test. */
static inline void *kunit_kmalloc(struct kunit *test, size_t size, int flags)
{
	void *memory = calloc(1, size);

	(void)flags;
	if (test->allocation_count == KUNIT_ALLOCATIONS_MAX)
		abort();
	test->allocations[test->allocation_count++] = memory;
	return memory;
}

#define kunit_kzalloc kunit_kmalloc

#define kunit_skip(test, reason)               \
	do {                                   \
		(test)->skip_reason = reason;  \
		longjmp((test)->end, 1);       \
	} while (0)

#define KUNIT_EXPECT_TRUE_MSG(test, condition, ...)                    \
	do {                                                           \
		if (!(condition))                                      \
			kunit_fail(test, #condition, __VA_ARGS__);     \
	} while (0)

#define KUNIT_EXPECT_TRUE(test, condition) KUNIT_EXPECT_TRUE_MSG(test, condition, "%s", "")
#define KUNIT_EXPECT_FALSE(test, condition) KUNIT_EXPECT_TRUE(test, !(condition))
#define KUNIT_EXPECT_EQ_MSG(test, left, right, ...) \
	KUNIT_EXPECT_TRUE_MSG(test, (left) == (right), __VA_ARGS__)
#define KUNIT_EXPECT_EQ(test, left, right) KUNIT_EXPECT_EQ_MSG(test, left, right, "%s", "")

#define KUNIT_ASSERT_TRUE(test, condition)                        \
	do {                                                      \
		if (!(condition)) {                               \
			kunit_fail(test, #condition, "%s", "");   \
			longjmp((test)->end, 1);                  \
		}                                                 \
	} while (0)

#define KUNIT_ASSERT_EQ(test, left, right) KUNIT_ASSERT_TRUE(test, (left) == (right))
#define KUNIT_ASSERT_NOT_NULL(test, pointer) KUNIT_ASSERT_TRUE(test, (pointer) != NULL)

#endif
