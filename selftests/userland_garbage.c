// SPDX-License-Identifier: GPL-2.0
/*
 * userland_garbage - a process that writes nonsense makes others wait, and does no other harm
 *
 * Promised: whatever the process writes into the memory that it shares with the kernel side, the
 * scheduler stays, or the kernel's watchdog ends it; its end is status 0, or 3 and a stall, and all
 * tasks go on. What the kernel side keeps for itself cannot be mapped. A process that claims to have
 * answered everything, and decides nothing, is such a stall, but on PREEMPT_RT. Since 6.12.
 *
 * The nonsense is the test's, which maps the memory as well, and writes while the process does, or
 * instead of it, while it is stopped. It is random, but half of it nearly right: what is far off is
 * dropped soon.
 */
#include <sys/mman.h>
#include "userland.h"
#include "../scx_userland.h"

#define SEED		1
#define MAX_TASKS	32
#define TIMES		500	/* or a multiple: so often, with a millisecond between */
#define NR_TASKS	8

/* The memory, and its arrays' lengths */
static struct memory {
	struct ul_shared	*shared;
	struct ul_slot		*slots;
	u32			*slot_words, *allowed, *ring, *cpus;
	u32			nr_slot_words, nr_allowed, nr_ring, nr_cpus;
} mem;

/* What there is of a map, in words of 32 bits */
static void *map_memory(const char *name, u32 *nr)
{
	struct bpf_map_info info = {};
	int fd = find_map(name, &info);
	void *at = mmap(NULL, info.value_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(at != MAP_FAILED, "cannot map %s: %s", name, strerror(errno));
	close(fd);
	*nr = info.value_size / sizeof(u32);
	return at;
}

static void map_all(void)
{
	struct bpf_map_info info = {};
	u32 nr;

	mem.shared = map_memory(".data.shared", &nr);
	mem.slots = map_memory(".data.slots", &mem.nr_slot_words);
	mem.slot_words = (u32 *)mem.slots;
	mem.allowed = map_memory(".data.allowed", &mem.nr_allowed);
	mem.ring = map_memory(".data.ring", &mem.nr_ring);
	mem.cpus = map_memory(".data.cpus", &mem.nr_cpus);
	close(find_map("scx_user.bss", &info));
	check(!(info.map_flags & BPF_F_MMAPABLE), "the kernel side's own variables can be mapped");
}

static u64 random_u64(void)
{
	return (u64)random() << 42 ^ (u64)random() << 21 ^ random();
}

/* Anything, or a number such as a slot, a CPU or none; near zero, or near a border */
static u64 nonsense(void)
{
	s64 small = random() % (2 * MAX_TASKS) - 4;

	switch (random() % 4) {
	case 0:
		return random_u64();
	case 1:
		return (1ULL << random() % 64) + small;
	default:
		return small;
	}
}

/* Half of them name somebody who waits. */
static struct ul_decision wrong_decision(void)
{
	u32 slot = random() % MAX_TASKS;
	struct ul_decision d = {
		.seq = mem.slots[slot].waiting,
		.slice = random() % 8 ? 1000000 : nonsense(),	/* long turns are a rest */
		.slot = slot,
		.cpu = random() % 2 ? (s32)nonsense() : -1,
	};

	if (random() % 4 == 0)
		d.seq = nonsense();
	if (random() % 4 == 0)
		d.slot = nonsense();
	return d;
}

static void write_decisions(void)
{
	u64 taken = mem.shared->taken, i, nr = random() % UL_DECISIONS;

	for (i = 0; i < nr; i++)
		mem.shared->decisions[(taken + i) % UL_DECISIONS] = wrong_decision();
	mem.shared->decided = taken + nr;
}

/* One of them, to anywhere, or a bit back or forth */
static void write_counter(void)
{
	struct ul_shared *s = mem.shared;
	u64 *counters[] = { &s->posted, &s->asked, &s->taken, &s->heard, &s->answered, &s->decided };
	u64 *counter = counters[random() % ARRAY_SIZE(counters)];

	*counter = random() % 2 ? nonsense() : *counter + nonsense() % 64 - 32;
	s->asleep = nonsense();
}

static void write_words(u32 *words, u32 nr)
{
	int i;

	for (i = 0; i < 16; i++)
		words[random() % nr] = nonsense();
}

/* What the kernel side has done with decisions of each kind */
#define NR_KINDS 3

static void count_kinds(u64 *counts)
{
	static const char *const names[NR_KINDS] = { "user_disp", "cancelled", "bounced" };
	int i;

	for (i = 0; i < NR_KINDS; i++)
		counts[i] = map_counter(names[i], ALL_CPUS);
}

static bool saw_all_kinds(const u64 *before)
{
	u64 counts[NR_KINDS];
	int i;

	count_kinds(counts);
	for (i = 0; i < NR_KINDS; i++)
		if (counts[i] < before[i] + 10)
			return false;
	return true;
}

static void write_once(bool slots)
{
	if (random() % 4 == 0)
		write_counter();
	if (slots)
		write_words(mem.slot_words, mem.nr_slot_words);
	write_words(mem.allowed, mem.nr_allowed);
	write_words(mem.ring, mem.nr_ring);
	write_words(mem.cpus, mem.nr_cpus);
	write_decisions();
}

/*
 * Until the scheduler ends, or enough is done. @slots: in these as well. What the process would do
 * if it read nonsense there is its own affair.
 */
static void write_nonsense(bool slots)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	u64 before[NR_KINDS];
	int i = 0;

	count_kinds(before);
	waiting_for = "all kinds of decisions";
	do {
		write_once(slots);
		nanosleep(&ms, NULL);
		i++;
	} while (kernel_state("enabled") && (i % TIMES || !saw_all_kinds(before)));
	diag("wrote %d times", i);
}

/* A process that was stopped goes on, and ends. */
static int end_of(struct sched *s)
{
	/* what it reads is not to be nonsense, with which it might do anything */
	memset(mem.slots, 0, mem.nr_slot_words * sizeof(u32));
	memset(mem.ring, 0, mem.nr_ring * sizeof(u32));
	kill(s->pid, SIGTERM);
	kill(s->pid, SIGCONT);
	return sched_end(s);
}

static void check_stalled(struct sched *s, int status)
{
	check(status == 3 && count_lines(s->err, "EXIT: runnable task stall"), "status %d: %s", status,
	      text(s->err));
}

static void load(struct sched *s, int timeout_ms)
{
	char args[64];

	snprintf(args, sizeof(args), "--timeout-ms %d --max-tasks %d", timeout_ms, MAX_TASKS);
	*s = sched_load(args);
	map_all();
}

static void writes_nonsense(void)
{
	struct sched s;
	int status;

	load(&s, 10000);
	write_nonsense(false);
	if (kernel_state("enabled")) {
		halt(&s);
		write_nonsense(true);
	}
	status = end_of(&s);
	diag("status %d", status);
	if (status)
		check_stalled(&s, status);
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
}

static void answers_in_vain(void)
{
	struct sched s;

	load(&s, 1000);
	halt(&s);
	mem.shared->answered = mem.shared->asked + (1ULL << 62);
	wait_for(kernel_state("disabled"), "the watchdog");
	check_stalled(&s, end_of(&s));
}

SCX_TEST(userland_garbage, "nonsense in the memory that both sides share: a stall at worst",
	 .only = "scx_userland")
{
	u64 *turns = shared(NR_TASKS * sizeof(*turns));
	pid_t pids[NR_TASKS];
	int i;

	srandom(SEED);
	for (i = 0; i < NR_TASKS; i++)
		pids[i] = i % 2 ? spawn(i % 4 == 1 ? ANY_CPU : last_cpu(), 0, SCHED_OTHER, doze, &turns[i]) :
				  hog(i % 4 ? ANY_CPU : last_cpu(), 0, SCHED_OTHER);
	writes_nonsense();
	all_go_on(pids, NR_TASKS, 1);
	/* without a timer, a CPU that has nobody to run does not wait for an answer */
	if (scx_is_realtime())
		return;
	answers_in_vain();
	all_go_on(pids, NR_TASKS, 1);
}
