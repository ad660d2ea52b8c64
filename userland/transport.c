// SPDX-License-Identifier: GPL-2.0
/*
 * The thread that decides.
 *
 * In turns it reads what was announced, tells the policy, answers the CPUs that have asked for a
 * task, and yields. While it has tasks that wait, the kernel side keeps it off the CPU until the
 * next request; when it has none it sleeps until the bell rings. Once it runs it neither allocates
 * nor writes anything, nor makes a system call other than to yield or sleep.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "transport.h"

#ifndef SCHED_EXT
#define SCHED_EXT	7
#endif

/*
 * One decision is due to each CPU that has asked. When there are many tasks, more are made in the
 * same go, up to --batch: to those who come to run soon anyway, a sixteenth of all who wait.
 */
#define AHEAD_OF	16

/**
 * struct entry - a slot, as this side sees it
 * @task: the policy's part
 * @bound: the only CPU that the task may run on, or UL_CPU_ANY
 * @is_passed: the policy has named it, but only a busy CPU can run it: it is in passed[@bound]
 * @put_back: it was the first there, and the policy has it again
 * @passed: place there
 */
struct entry {
	struct ul_task		task;
	s32			bound;
	bool			is_passed;
	bool			put_back;
	struct list_head	passed;
};

/**
 * struct cpu - a CPU, as this side sees it
 * @passed: tasks bound to it that the policy has named, in the policy's order
 * @nr_waiting: tasks bound to it that the policy has
 */
struct cpu {
	struct list_head	passed;
	u32			nr_waiting;
};

static struct ul_link link_;
static struct ul_queue queue;
static struct entry *entries;
static struct cpu *cpus;
static u32 nr_free_waiting;	/* tasks that the policy has and that are bound to no CPU */
static u32 nr_passed;
static u64 heard, decided;

static pthread_t thread;
static struct ring_buffer *bell;
static sem_t ready;
static int stop_fd = -1;
static volatile bool stopping;
static int failed;

static u32 *nr_waiting_of(const struct entry *e)
{
	return e->bound < 0 ? &nr_free_waiting : &cpus[e->bound].nr_waiting;
}

static bool still_waits(const struct entry *e)
{
	const struct ul_slot *slot = &link_.slots[e - entries];

	return __atomic_load_n(&slot->waiting, __ATOMIC_ACQUIRE) == e->task.facts.seq;
}

/* Hearing */

static void unpass(struct entry *e)
{
	list_del(&e->passed);
	e->is_passed = false;
	nr_passed--;
}

static void forget(struct entry *e)
{
	e->put_back = false;
	if (e->is_passed)
		unpass(e);
	if (!e->task.queued)
		return;
	ul_gone(&queue, &e->task, e->task.facts.gen);
	--*nr_waiting_of(e);
}

static void give_to_policy(struct entry *e, const struct ul_facts *facts)
{
	if (ul_enqueue(&queue, &e->task, facts))
		++*nr_waiting_of(e);
}

static void read_facts(const struct ul_slot *slot, struct ul_facts *facts)
{
	*facts = (struct ul_facts){
		/* the rest is at least as new as the name */
		.gen = __atomic_load_n(&slot->id, __ATOMIC_ACQUIRE),
		.seq = __atomic_load_n(&slot->gen, __ATOMIC_ACQUIRE),
		.arrived = slot->arrived,
		.cpu_time = slot->cpu_time,
		.burst = slot->burst,
		.pid = slot->pid,
		.weight = slot->weight,
		.cpu = slot->cpu,
		.nr_cpus_allowed = slot->nr_cpus_allowed,
	};
}

/*
 * Its task may come again while we read. Then the slot is announced once more, and what we read of
 * two arrivals is put right.
 */
static void hear_slot(u32 nr)
{
	struct ul_slot *slot = &link_.slots[nr];
	struct entry *e = &entries[nr];
	struct ul_facts facts;

	__atomic_exchange_n(&slot->announced, 0, __ATOMIC_SEQ_CST);
	read_facts(slot, &facts);
	forget(e);
	/* it has ended, or runs, or sleeps: if it comes again we hear of it */
	if (!facts.gen || __atomic_load_n(&slot->waiting, __ATOMIC_ACQUIRE) != facts.seq)
		return;
	e->bound = facts.nr_cpus_allowed == 1 && (u32)facts.cpu < link_.nr_cpu_ids ? facts.cpu :
										    UL_CPU_ANY;
	give_to_policy(e, &facts);
}

static void hear(void)
{
	for (;;) {
		u32 *entry = &link_.ring[heard & link_.ring_mask];
		u32 nr = __atomic_load_n(entry, __ATOMIC_ACQUIRE);

		if (!nr)
			break;
		*entry = 0;
		if (nr <= link_.params.max_tasks)
			hear_slot(nr - 1);
		__atomic_store_n(&link_.shared->heard, ++heard, __ATOMIC_RELEASE);
	}
}

/* Deciding */

static u64 nr_outstanding(void)
{
	return decided - __atomic_load_n(&link_.shared->taken, __ATOMIC_ACQUIRE);
}

static void decide(const struct entry *e, const struct ul_turn *turn, s32 cpu)
{
	link_.shared->decisions[decided % UL_DECISIONS] = (struct ul_decision){
		.gen = e->task.facts.seq,
		.slice = turn->slice_ns,
		.slot = e - entries,
		.cpu = cpu,
	};
	__atomic_store_n(&link_.shared->decided, ++decided, __ATOMIC_RELEASE);
}

/* The policy's next task that is still there. */
static struct entry *next(struct ul_turn *turn)
{
	struct ul_task *task;

	while ((task = ul_next(&queue, turn))) {
		struct entry *e = (struct entry *)((char *)task - offsetof(struct entry, task));

		--*nr_waiting_of(e);
		if (still_waits(e))
			return e;
	}
	return NULL;
}

static bool wants(s32 cpu)
{
	return __atomic_load_n(&link_.cpus[cpu].wants, __ATOMIC_ACQUIRE);
}

static void serve(struct entry *e, const struct ul_turn *turn, s32 cpu)
{
	/* before the decision, since the CPU may take it and ask again at once */
	__atomic_store_n(&link_.cpus[cpu].wants, 0, __ATOMIC_SEQ_CST);
	decide(e, turn, e->bound < 0 ? turn->cpu : cpu);
}

/*
 * Its turn has come, but not its CPU's. So that others can go on, it waits aside. It is first there
 * if it was so before.
 */
static void pass(struct entry *e)
{
	struct list_head *passed = &cpus[e->bound].passed;

	if (e->put_back)
		list_add(&e->passed, passed);
	else
		list_add_tail(&e->passed, passed);
	e->put_back = false;
	e->is_passed = true;
	nr_passed++;
}

/*
 * The first of the tasks that wait aside for a CPU may come before or after those that the policy
 * has got since: let it decide.
 */
static void put_back_first(struct cpu *cpu)
{
	struct entry *e = list_first_entry_or_null(&cpu->passed, struct entry, passed);
	struct ul_facts facts;

	if (!e)
		return;
	unpass(e);
	e->put_back = true;
	facts = e->task.facts;
	give_to_policy(e, &facts);
}

/* Find a task for a CPU that wants one. */
static void answer(s32 cpu)
{
	struct ul_turn turn;
	struct entry *e;

	put_back_first(&cpus[cpu]);
	while (nr_free_waiting + cpus[cpu].nr_waiting && nr_outstanding() < UL_DECISIONS / 2) {
		e = next(&turn);
		if (!e)
			return;
		if (e->bound < 0 || e->bound == cpu) {
			e->put_back = false;
			serve(e, &turn, cpu);
			return;
		}
		if (wants(e->bound))
			serve(e, &turn, e->bound);
		else
			pass(e);
	}
}

static void answer_all(void)
{
	u32 cpu;

	for (cpu = 0; cpu < link_.nr_cpu_ids; cpu++)
		if (wants(cpu))
			answer(cpu);
}

static void decide_ahead(void)
{
	u64 ahead = queue.nr_waiting / AHEAD_OF;
	struct ul_turn turn;
	struct entry *e;

	if (ahead > link_.batch - 1)
		ahead = link_.batch - 1;
	while (ahead && nr_outstanding() <= ahead) {
		e = next(&turn);
		if (!e)
			return;
		if (e->bound >= 0) {
			pass(e);
			return;
		}
		decide(e, &turn, turn.cpu);
	}
}

/* The thread */

static int rung(void *ctx, void *data, size_t size)
{
	(void)ctx, (void)data, (void)size;
	return 0;
}

/* Sleep until the bell rings, but for what came since we looked. */
static void sleep_until_rung(u64 asked)
{
	struct ul_shared *shared = link_.shared;
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(bell), .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};

	__atomic_store_n(&shared->asleep, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&shared->asked, __ATOMIC_ACQUIRE) == asked &&
	    !__atomic_load_n(&link_.ring[heard & link_.ring_mask], __ATOMIC_ACQUIRE))
		poll(fds, 2, -1);
	__atomic_store_n(&shared->asleep, 0, __ATOMIC_SEQ_CST);
	ring_buffer__consume(bell);
}

static void go_on(void)
{
	struct ul_shared *shared = link_.shared;
	u64 asked;
	u32 left;

	while (!stopping && !__atomic_load_n(link_.ended, __ATOMIC_ACQUIRE)) {
		asked = __atomic_load_n(&shared->asked, __ATOMIC_ACQUIRE);
		hear();
		answer_all();
		decide_ahead();
		left = queue.nr_waiting + nr_passed;
		__atomic_store_n(&shared->scheduled, left, __ATOMIC_RELAXED);
		__atomic_store_n(&shared->answered, asked, __ATOMIC_RELEASE);
		if (left)
			sched_yield();
		else
			sleep_until_rung(asked);
	}
}

/* So that it does not grow later, should memory not be locked. */
static void touch_stack(void)
{
	volatile char room[65536];
	size_t i;

	for (i = 0; i < sizeof(room); i += 4096)
		room[i] = 0;
}

static void *decide_thread(void *arg)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	const struct sched_param param = {};
	sigset_t all;

	(void)arg;
	touch_stack();
	/* signals are the other thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	/* with -p only such tasks are the scheduler's */
	if (sched_setscheduler(0, SCHED_EXT, &param))
		failed = -errno;
	else
		failed = bpf_prog_test_run_opts(link_.register_fd, &opts);
	sem_post(&ready);
	if (!failed)
		go_on();
	return NULL;
}

/* calloc() leaves pages untouched. */
static void *set_aside(size_t nr, size_t size)
{
	void *mem = malloc(nr * size);

	return mem ? memset(mem, 0, nr * size) : NULL;
}

static int prepare(void)
{
	u32 cpu;

	entries = set_aside(link_.params.max_tasks, sizeof(*entries));
	cpus = set_aside(link_.nr_cpu_ids, sizeof(*cpus));
	stop_fd = eventfd(0, EFD_CLOEXEC);
	bell = ring_buffer__new(link_.bell_fd, rung, NULL, NULL);
	if (!entries || !cpus || stop_fd < 0 || !bell)
		return -errno;
	for (cpu = 0; cpu < link_.nr_cpu_ids; cpu++)
		INIT_LIST_HEAD(&cpus[cpu].passed);
	nr_free_waiting = nr_passed = 0;
	heard = decided = 0;
	stopping = false;
	return ul_init(&queue, link_.policy, &link_.params);
}

static void give_back(void)
{
	ring_buffer__free(bell);
	if (stop_fd >= 0)
		close(stop_fd);
	free(cpus);
	free(entries);
	bell = NULL;
	stop_fd = -1;
	cpus = NULL;
	entries = NULL;
}

int ul_start(const struct ul_link *link)
{
	int err;

	link_ = *link;
	err = prepare();
	if (!err)
		err = sem_init(&ready, 0, 0) ? -errno : -pthread_create(&thread, NULL, decide_thread, NULL);
	if (err) {
		give_back();
		return err;
	}
	while (sem_wait(&ready) && errno == EINTR)
		;
	if (failed)
		ul_stop();
	return failed;
}

void ul_stop(void)
{
	stopping = true;
	eventfd_write(stop_fd, 1);
	pthread_join(thread, NULL);
	give_back();
}
