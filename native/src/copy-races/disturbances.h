/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target changes its mappings, or has the kernel change what is behind them, while
 * it is copied from and to. Between two changes it can be stopped, to look at what a
 * write has done.
 */
#ifndef FASTIPC_RACES_DISTURBANCES_H
#define FASTIPC_RACES_DISTURBANCES_H

#include "targets.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* What the target does over and over. */
struct disturbance {
	void (*prepare)(void);
	void (*step)(unsigned int step);
	void (*settle)(void); /* all memory is in its place and can be written to; may be NULL */
	/* Writes to what is taken away are lost: there is nothing to look at. */
	bool writes_may_be_lost;
	/* The last page of each huge page may lose what is written to it. */
	bool last_pages_are_volatile;
	enum freshness freshness;
	/* Asked for before every other write: what is at PRIVATE_MEMORY is freed lazily. */
	bool frees_lazily;
};

/* What the judge asks of a target that has paused. */
enum request { NOTHING, LOOK_AT_WRITE, FREE_LAZILY };

struct order {
	enum request request;
	struct range range;
	long copied;
	bool freed; /* what wasn't written may have become 0 */
};

static struct order *order;

static void keep_volatile_pages(void)
{
	for (size_t end = HUGE_BYTES; end <= MEMORY_BYTES; end += HUGE_BYTES)
		memcpy(PRIVATE_MEMORY + end - PAGE_BYTES, original + end - PAGE_BYTES, PAGE_BYTES);
}

/* As if all writes so far had found the original memory. */
static void forget_volatile_pages(struct range range, long copied)
{
	size_t end = range.offset + (copied > 0 ? copied : 0);

	for (size_t page = HUGE_BYTES - PAGE_BYTES; page < MEMORY_BYTES; page += HUGE_BYTES) {
		for (size_t i = page; i < page + PAGE_BYTES; i++) {
			bool inside = i >= range.offset && i < end;

			PRIVATE_MEMORY[i] = inside ? written[i] : original[i];
		}
	}
}

/*
 * Pages that were freed lazily are either as they were or 0, as long as they aren't written
 * to; so they are, all but what the copy has written.
 */
static void refill_freed(struct range range, long copied)
{
	size_t end = range.offset + (copied > 0 ? copied : 0);

	if (first_alien_byte(PRIVATE_MEMORY, 0, range.offset, ANY_OF_ITS_OWN) < range.offset ||
	    first_alien_byte(PRIVATE_MEMORY + end, end, MEMORY_BYTES - end, ANY_OF_ITS_OWN) <
	    MEMORY_BYTES - end)
		fail("memory that was freed lazily is neither as it was nor 0");
	memcpy(PRIVATE_MEMORY, original, range.offset);
	memcpy(PRIVATE_MEMORY + end, original + end, MEMORY_BYTES - end);
}

static void carry_out(const struct disturbance *disturbance)
{
	if (disturbance->settle)
		disturbance->settle();
	if (order->request == FREE_LAZILY) {
		advise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_FREE);
	} else if (order->request == LOOK_AT_WRITE) {
		if (disturbance->last_pages_are_volatile)
			forget_volatile_pages(order->range, order->copied);
		if (order->freed)
			refill_freed(order->range, order->copied);
		expect_written_once("the target's memory", PRIVATE_MEMORY, order->range,
				    order->copied);
		if (disturbance->last_pages_are_volatile)
			keep_volatile_pages();
	}
}

static void disturb(void *argument)
{
	const struct disturbance *disturbance = argument;

	if (disturbance->prepare)
		disturbance->prepare();
	set_flag(READY, 1);
	for (unsigned int step = 0;; step++) {
		if (get_flag(PAUSE)) {
			carry_out(disturbance);
			set_flag(PAUSED, 1);
			await_flag(PAUSE, 0);
			set_flag(PAUSED, 0);
			set_flag(READY, 1);
		}
		disturbance->step(step);
	}
}

/* Has the target do something between two disturbances. */
static void ask(struct order wanted)
{
	*order = wanted;
	set_flag(READY, 0);
	set_flag(PAUSE, 1);
	await_flag(PAUSED, 1);
	set_flag(PAUSE, 0);
	await_flag(READY, 1);
}

static void copy_disturbed(const struct disturbance *disturbance, const struct target *target,
			   const struct way *way, unsigned int round)
{
	bool shared = disturbance->writes_may_be_lost && round / WAYS % 2;
	bool freed = disturbance->frees_lazily && way->write && round / WAYS % 2;
	unsigned char *memory = shared ? SHARED_MEMORY : PRIVATE_MEMORY;
	enum freshness freshness = shared ? AS_PLACED : disturbance->freshness;
	struct range range = choose_range();
	long copied;

	if (freed)
		ask((struct order){ .request = FREE_LAZILY });
	copy_range(way, target, memory, range, freshness, &copied);
	if (!way->write)
		return;
	if (shared)
		expect_written_once("shared memory", memory, range, copied);
	else if (!disturbance->writes_may_be_lost)
		ask((struct order){ LOOK_AT_WRITE, range, copied, freed });
}

static void run_disturbed(const struct disturbance *disturbance)
{
	struct target target;

	order = map(NULL, PAGE_BYTES, MAP_SHARED, -1);
	target = start_process(disturb, (void *)disturbance);
	await_flag(READY, 1);
	for (unsigned int round = 0; goes_on(); round++)
		copy_disturbed(disturbance, &target, next_way(), round);
	end_process(&target);
	expect_bystander_unchanged();
}

/* A range of whole pages, often all. */
static struct range some_pages(void)
{
	struct range range = { 0, MEMORY_BYTES };

	if (random_below(3)) {
		range.offset = random_below(MEMORY_BYTES / PAGE_BYTES) * PAGE_BYTES;
		range.length = (1 + random_below((MEMORY_BYTES - range.offset) / PAGE_BYTES)) *
			       PAGE_BYTES;
	}
	return range;
}

static void unmap(void *address, size_t length)
{
	if (munmap(address, length) < 0)
		fail("munmap(%p, %zu): %s", address, length, error_words(errno));
}

/*
 * Memory that was taken away a moment ago may be given out again now: a write that still
 * reaches it shows here.
 */
static void expect_new_memory_alone(void)
{
	static unsigned char *last;
	const size_t length = MEMORY_BYTES / 4;

	if (last) {
		if (byte_mismatch(last, length, 0x5e) < length)
			fail("memory of the target's that no call names was written to");
		unmap(last, length);
	}
	last = map(NULL, length, MAP_PRIVATE, -1);
	if (byte_mismatch(last, length, 0) < length)
		fail("new memory of the target's isn't 0");
	memset(last, 0x5e, length);
}

static void step_unmap(unsigned int step)
{
	struct range pages = some_pages();

	if (step % 2) {
		unmap(SHARED_MEMORY + pages.offset, pages.length);
		busy_until(now() + random_below(20000));
		map_shared_memory();
		return;
	}
	unmap(PRIVATE_MEMORY + pages.offset, pages.length);
	expect_new_memory_alone();
	map(PRIVATE_MEMORY + pages.offset, pages.length, MAP_PRIVATE, -1);
	if (random_below(2))
		advise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_HUGEPAGE);
	/* Half of the time all that a copy finds is what it faults in itself. */
	if (random_below(2))
		memcpy(PRIVATE_MEMORY + pages.offset, original + pages.offset, pages.length);
}

/* Writes may have hit the private memory, and reads may find it so. */
static void run_unmap(void)
{
	static const struct disturbance unmaps = {
		.step = step_unmap, .writes_may_be_lost = true, .freshness = ANY_OF_ITS_OWN,
	};

	run_disturbed(&unmaps);
}

static void prepare_small_pages(void)
{
	renew_private_memory(false);
	/* MADV_COLLAPSE needs no more than that huge pages aren't forbidden. */
	advise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_HUGEPAGE);
}

static void move(unsigned char *from, unsigned char *to)
{
	if (mremap(from, MEMORY_BYTES, MEMORY_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		fail("mremap from %p to %p: %s", from, to, error_words(errno));
}

/* Whole page tables move, or, where the distance isn't one of whole tables, entries do. */
static void step_mremap(unsigned int step)
{
	unsigned char *away = AWAY_MEMORY + (step % 2 ? PAGE_BYTES : 0);

	/* Fails where a copy holds a page; then small ones move once more. */
	if (step % 8 == 0)
		madvise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_COLLAPSE);
	move(PRIVATE_MEMORY, away);
	busy_until(now() + random_below(20000));
	move(away, PRIVATE_MEMORY);
	busy_until(now() + random_below(200000));
}

static void run_mremap(void)
{
	static const struct disturbance moves = {
		.prepare = prepare_small_pages, .step = step_mremap,
	};

	run_disturbed(&moves);
}

static void protect(struct range pages, int protection)
{
	if (mprotect(PRIVATE_MEMORY + pages.offset, pages.length, protection) < 0)
		fail("mprotect(%d): %s", protection, error_words(errno));
}

static const struct range all_pages = { 0, MEMORY_BYTES };

static void make_writable(void)
{
	protect(all_pages, PROT_READ | PROT_WRITE);
}

static void step_mprotect(unsigned int step)
{
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

	protect(some_pages(), protections[random_below(3)]);
	busy_until(now() + random_below(50000));
	if (step % 4 == 0)
		make_writable();
}

static void run_mprotect(void)
{
	static const struct disturbance protections = {
		.step = step_mprotect, .settle = make_writable,
	};

	run_disturbed(&protections);
}

enum { COLLAPSED, SPLIT };

/* Takes a huge page apart: its entry only, a page of it away, or, by debugfs, all of it. */
static void split(unsigned int step)
{
	struct range page = { random_below(MEMORY_BYTES / PAGE_BYTES) * PAGE_BYTES, PAGE_BYTES };
	unsigned char *last = PRIVATE_MEMORY + HUGE_BYTES - PAGE_BYTES;
	static int debugfs = -2;
	char words[80];
	int length;

	switch (step % 3) {
	case 0:
		/* Written to all the while, and mapped by a table of its own */
		protect(page, PROT_READ | PROT_WRITE | PROT_EXEC);
		protect(page, PROT_READ | PROT_WRITE);
		break;
	case 1:
		advise(last, PAGE_BYTES, MADV_DONTNEED);
		memcpy(last, original + HUGE_BYTES - PAGE_BYTES, PAGE_BYTES);
		break;
	default:
		if (debugfs == -2)
			debugfs = open("/sys/kernel/debug/split_huge_pages", O_WRONLY | O_CLOEXEC);
		length = snprintf(words, sizeof(words), "%d,0x%lx,0x%lx", getpid(),
				  (unsigned long)PRIVATE_MEMORY,
				  (unsigned long)PRIVATE_MEMORY + MEMORY_BYTES);
		if (write(debugfs, words, length) != length)
			fail("/sys/kernel/debug/split_huge_pages: %s", error_words(errno));
	}
	count_event(SPLIT);
}

static void step_collapse(unsigned int step)
{
	/* Fails, for the moment, where a copy holds a page. */
	if (madvise(PRIVATE_MEMORY, MEMORY_BYTES, MADV_COLLAPSE) == 0)
		count_event(COLLAPSED);
	else if (errno != EAGAIN && errno != EBUSY && errno != ENOMEM && errno != EINVAL)
		fail("MADV_COLLAPSE: %s", error_words(errno));
	busy_until(now() + random_below(100000));
	split(step);
}

static void run_collapse(void)
{
	static const struct disturbance collapses = {
		.prepare = prepare_small_pages, .step = step_collapse,
		.last_pages_are_volatile = true, .freshness = LAST_PAGES_OR_ZERO,
	};

	run_disturbed(&collapses);
}

enum { SWAPPED_OUT };

/* Whether a page of the private memory is in the swap area now. */
static bool is_swapped_out(void)
{
	static int pagemap = -1;
	uint64_t entry;

	if (pagemap < 0)
		pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pread(pagemap, &entry, sizeof(entry), (uintptr_t)PRIVATE_MEMORY / PAGE_BYTES * 8) != 8)
		fail("/proc/self/pagemap: %s", error_words(errno));
	return entry >> 62 & 1;
}

static void prepare_pageout(void)
{
	renew_private_memory(false);
}

static void step_pageout(unsigned int step)
{
	struct range pages = some_pages();

	advise(PRIVATE_MEMORY + pages.offset, pages.length, step % 4 ? MADV_PAGEOUT : MADV_COLD);
	if (is_swapped_out())
		count_event(SWAPPED_OUT);
}

/* A swap area in memory, on the first zram device. */
static void add_swap(void)
{
	static const char device[] = "/dev/zram0";
	const size_t bytes = 64 << 20;
	unsigned char header[PAGE_BYTES] = { 0 };
	uint32_t *information = (uint32_t *)(header + 1024);
	int size = open("/sys/block/zram0/disksize", O_WRONLY | O_CLOEXEC), fd;

	if (size < 0 || dprintf(size, "%zu", bytes) < 0)
		fail("zram's size: %s; needs root and CONFIG_ZRAM=y", error_words(errno));
	close(size);
	/* union swap_header of include/linux/swap.h: version, last page, bad pages */
	information[0] = 1;
	information[1] = bytes / PAGE_BYTES - 1;
	memcpy(header + PAGE_BYTES - 10, "SWAPSPACE2", 10);
	fd = open(device, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, header, sizeof(header), 0) != sizeof(header) || fsync(fd) < 0)
		fail("%s: %s", device, error_words(errno));
	close(fd);
	if (syscall(SYS_swapon, device, 0) < 0)
		fail("swapon: %s", error_words(errno));
}

static void remove_swap(void)
{
	int reset = open("/sys/block/zram0/reset", O_WRONLY | O_CLOEXEC);

	if (syscall(SYS_swapoff, "/dev/zram0") < 0)
		fail("swapoff: %s", error_words(errno));
	if (reset < 0 || write(reset, "1", 1) != 1)
		fail("zram's reset: %s", error_words(errno));
	close(reset);
}

static void run_pageout(void)
{
	static const struct disturbance pageouts = {
		.prepare = prepare_pageout, .step = step_pageout, .frees_lazily = true,
	};

	add_swap();
	run_disturbed(&pageouts);
	remove_swap();
}

#endif
