// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit process with known memory: the requests of ../memory-target.c that the tests of the
 * 32-bit entry need, with the same answers. It has no C library. Of numbers that are longer than
 * 32 bits it takes the lower ones.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../memory-target/pattern.h"

#define LINE_LENGTH_MAXIMUM 4096
#define NUMBERS_MAXIMUM 7
#define PAGE_SIZE 4096

/* arch/x86/entry/syscalls/syscall_32.tbl */
#define NR_exit 1
#define NR_read 3
#define NR_write 4
#define NR_munmap 91
#define NR_mmap2 192

#define PROT_NONE 0
#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANONYMOUS 0x22
#define MAP_FIXED 0x10

#define ERRNO_MAXIMUM 4095
#define EINVAL 22

long system_call(long number, long a, long b, long c, long d, long e, long f);

/* The sixth argument is in the frame pointer, which inline assembly can't have. */
__asm__(".globl system_call\n"
	"system_call:\n"
	"	pushl %ebp\n"
	"	pushl %ebx\n"
	"	pushl %esi\n"
	"	pushl %edi\n"
	"	movl 20(%esp), %eax\n"
	"	movl 24(%esp), %ebx\n"
	"	movl 28(%esp), %ecx\n"
	"	movl 32(%esp), %edx\n"
	"	movl 36(%esp), %esi\n"
	"	movl 40(%esp), %edi\n"
	"	movl 44(%esp), %ebp\n"
	"	int $0x80\n"
	"	popl %edi\n"
	"	popl %esi\n"
	"	popl %ebx\n"
	"	popl %ebp\n"
	"	ret\n");

void *memcpy(void *to, const void *from, size_t length)
{
	unsigned char *target = to;
	const unsigned char *source = from;

	__asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(length) : : "memory");
	return to;
}

void *memset(void *memory, int byte, size_t length)
{
	unsigned char *target = memory;

	__asm__ volatile("rep stosb" : "+D"(target), "+c"(length) : "a"(byte) : "memory");
	return memory;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *one = a, *other = b;

	for (; length; length--, one++, other++) {
		if (*one != *other)
			return *one - *other;
	}
	return 0;
}

static size_t text_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

static bool is_same(const char *a, const char *b)
{
	return text_length(a) == text_length(b) && !memcmp(a, b, text_length(a));
}

/* An answer as it grows. */
struct answer {
	size_t used;
	char line[256];
};

static void add_text(struct answer *answer, const char *text)
{
	size_t length = text_length(text);

	memcpy(answer->line + answer->used, text, length);
	answer->used += length;
}

static void add_unsigned(struct answer *answer, uint32_t number, uint32_t base)
{
	char digits[16];
	size_t first = sizeof(digits) - 1;

	digits[first] = '\0';
	do {
		digits[--first] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	add_text(answer, digits + first);
}

static void add_signed(struct answer *answer, int32_t number)
{
	if (number < 0)
		add_text(answer, "-");
	add_unsigned(answer, number < 0 ? -(uint32_t)number : (uint32_t)number, 10);
}

/* The value that a system call gave, and errno. */
static void add_outcome(struct answer *answer, int32_t returned)
{
	bool failed = returned < 0 && returned >= -ERRNO_MAXIMUM;

	add_text(answer, "ok ");
	add_signed(answer, failed ? -1 : returned);
	add_text(answer, " ");
	add_signed(answer, failed ? -returned : 0);
}

static unsigned char *pointer(uint32_t address)
{
	return (unsigned char *)address;
}

/* Two digits. */
static void add_byte(struct answer *answer, unsigned char byte)
{
	add_text(answer, byte < 0x10 ? "0x0" : "0x");
	add_unsigned(answer, byte, 16);
}

static void add_mismatch(struct answer *answer, const uint32_t *number, size_t offset,
			 unsigned char expected)
{
	if (offset == number[1])
		return add_text(answer, "ok same");
	add_text(answer, "ok differs at byte ");
	add_unsigned(answer, offset, 10);
	add_text(answer, ": ");
	add_byte(answer, pointer(number[0])[offset]);
	add_text(answer, ", expected ");
	add_byte(answer, expected);
}

static void add_failure(struct answer *answer, int error, const char *what)
{
	add_text(answer, "error ");
	add_signed(answer, error);
	add_text(answer, " ");
	add_text(answer, what);
}

/* PAGES: readable and writable, with a hole of a page on either side. */
static void do_map(struct answer *answer, const uint32_t *number)
{
	size_t length = number[0] * PAGE_SIZE;
	long around = system_call(NR_mmap2, 0, length + 2 * PAGE_SIZE, PROT_NONE,
				  MAP_PRIVATE_ANONYMOUS, -1, 0);
	long memory = around + PAGE_SIZE;

	if (around < 0 && around >= -ERRNO_MAXIMUM)
		return add_failure(answer, -around, "mmap");
	system_call(NR_mmap2, memory, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | MAP_FIXED,
		    -1, 0);
	system_call(NR_munmap, around, PAGE_SIZE, 0, 0, 0, 0);
	system_call(NR_munmap, memory + length, PAGE_SIZE, 0, 0, 0, 0);
	add_text(answer, "ok 0x");
	add_unsigned(answer, memory, 16);
}

static void do_fill(struct answer *answer, const uint32_t *number)
{
	pattern_fill(pointer(number[0]), number[1], number[2]);
	add_text(answer, "ok");
}

static void do_check(struct answer *answer, const uint32_t *number)
{
	size_t offset = pattern_mismatch(pointer(number[0]), number[1], number[2]);

	add_mismatch(answer, number, offset, pattern_byte(offset, number[2]));
}

static void do_set(struct answer *answer, const uint32_t *number)
{
	memset(pointer(number[0]), (int)number[2], number[1]);
	add_text(answer, "ok");
}

static void do_all(struct answer *answer, const uint32_t *number)
{
	size_t offset = byte_mismatch(pointer(number[0]), number[1], number[2]);

	add_mismatch(answer, number, offset, number[2]);
}

static void do_system_call(struct answer *answer, const uint32_t *number)
{
	add_outcome(answer, system_call(number[0], number[1], number[2], number[3], number[4],
					number[5], number[6]));
}

static void do_copy(struct answer *answer, const uint32_t *number)
{
	add_outcome(answer, system_call(number[0], number[1], number[2], number[3], number[4],
					number[5], 0));
}

/* n: a number, w: a word that is passed over, as in ../memory-target.c, where each is described. */
static const struct verb {
	const char *name;
	const char *arguments;
	void (*run)(struct answer *answer, const uint32_t *number);
} verbs[] = {
	{ "map", "wnwww", do_map },
	{ "fill", "nnn", do_fill },
	{ "check", "nnn", do_check },
	{ "set", "nnn", do_set },
	{ "all", "nnn", do_all },
	{ "system-call", "nnnnnnn", do_system_call },
	/* WAY is a number. */
	{ "copy", "nnnnnn", do_copy },
};

static bool parse_number(const char *text, uint32_t *number)
{
	uint32_t base = 10;

	*number = 0;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (; *text; text++) {
		uint32_t digit = *text >= 'a' ? *text - 'a' + 10U : *text - (uint32_t)'0';

		if (digit >= base)
			return false;
		*number = *number * base + digit;
	}
	return true;
}

/* Cuts the next word off. */
static char *next_word(char **rest)
{
	char *word = *rest;

	while (**rest && **rest != ' ')
		++*rest;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool parse_arguments(const char *arguments, char *rest, uint32_t *number)
{
	for (; *arguments; arguments++) {
		char *word = next_word(&rest);

		if (!*word || (*arguments == 'n' && !parse_number(word, number++)))
			return false;
	}
	return !*rest;
}

static void serve_line(struct answer *answer, char *line)
{
	uint32_t number[NUMBERS_MAXIMUM];
	char *name = next_word(&line);

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!is_same(verbs[i].name, name))
			continue;
		if (parse_arguments(verbs[i].arguments, line, number))
			return verbs[i].run(answer, number);
		return add_failure(answer, EINVAL, "this request takes other arguments");
	}
	add_failure(answer, EINVAL, "no such request of the 32-bit process");
}

/* Waits for a line: there is at most one on its way. False at the end of the input. */
static bool read_line(char *line, size_t size)
{
	size_t used = 0;

	while (used < size) {
		long got = system_call(NR_read, 0, (long)(line + used), size - used, 0, 0, 0);

		if (got <= 0)
			return false;
		used += got;
		if (line[used - 1] == '\n') {
			line[used - 1] = '\0';
			return true;
		}
	}
	return false;
}

__attribute__((force_align_arg_pointer, noreturn)) void _start(void);
void _start(void)
{
	static char line[LINE_LENGTH_MAXIMUM];

	while (read_line(line, sizeof(line))) {
		struct answer answer = { 0 };

		serve_line(&answer, line);
		answer.line[answer.used++] = '\n';
		if (system_call(NR_write, 1, (long)answer.line, answer.used, 0, 0, 0) !=
		    (long)answer.used)
			break;
	}
	for (;;)
		system_call(NR_exit, 0, 0, 0, 0, 0, 0);
}
