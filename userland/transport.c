// SPDX-License-Identifier: GPL-2.0
/*
 * The thread that decides.
 *
 * In turns it reads what was announced, tells the policy, answers the CPUs that have asked for a
 * task, and yields. While it has tasks that wait, the kernel side keeps it off the CPU until the
 * next request; when it has none it sleeps until the bell rings. Once it runs it neither allocates
 * nor writes anything, nor makes a system call other than to yield or sleep.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
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

#define STACK_SIZE	(1 << 20)

/**
 * struct entry - a slot, as this side sees it
 * @task: the policy's part
 * @everywhere: the task may run on any CPU
 * @bound: the only CPU that it may run on, or UL_CPU_ANY
 * @turn: what the policy has given it, when it named it last
 * @named: its number among the tasks that had to be put aside, in the order in which the policy named
 *	them; 0: not put aside since it came
 * @is_passed: the policy has named it, but those who want a task cannot run it: it waits aside
 * @passed: place there
 */
struct entry {
	struct ul_task		task;
	bool			everywhere;
	s32			bound;
	struct ul_turn		turn;
	u64			named;
	bool			is_passed;
	struct list_head	passed;
};

/* Who has a task that waits */
enum whose {
	WITH_POLICY,
	ASIDE,
	NR_WHOSE,
};

/**
 * struct cpu - a CPU, as this side sees it
 * @passed: tasks bound to it that the policy has named, in the policy's order
 * @nr_waiting: tasks of either that may run on this CPU, but not on every one
 */
struct cpu {
	struct list_head	passed;
	u32			nr_waiting[NR_WHOSE];
};

static struct ul_link link_;
static struct ul_queue queue;
static struct entry *entries;
static u64 *allowed;		/* where each of them may run, in as many words as in link_.allowed */
static struct cpu *cpus;
static u64 *online;		/* bits of CPUs, as many words */
static u32 nr_everywhere[NR_WHOSE];	/* of tasks that may run on any CPU */
static struct list_head passed;	/* those that wait aside, but may run on more than one */
static u32 nr_passed;
static u64 nr_named;
static u64 heard, decided;

static pthread_t thread;
static struct ring_buffer *bell;
static sem_t ready;
static int stop_fd = -1;
static atomic_bool stopping;
static int failed;

static u64 *allowed_of(const struct entry *e)
{
	return &allowed[(size_t)(e - entries) * link_.mask_words];
}

static bool may_run(const struct entry *e, s32 cpu)
{
	return allowed_of(e)[cpu / 64] >> cpu % 64 & 1;
}

/* The next CPU after @cpu on which it may run, or negative */
static s32 next_allowed(const struct entry *e, s32 cpu)
{
	const u64 *mask = allowed_of(e);
	u32 i = ++cpu / 64, first;
	u64 bits;

	for (; i < link_.mask_words; i++, cpu = i * 64) {
		bits = mask[i] >> cpu % 64;
		if (!bits)
			continue;
		first = cpu + __builtin_ctzll(bits);
		return first < link_.nr_cpu_ids ? (s32)first : -1;
	}
	return -1;
}

/* It waits there, or does no longer. */
static void count_waiting(const struct entry *e, enum whose who, s32 by)
{
	s32 cpu;

	if (e->everywhere) {
		nr_everywhere[who] += by;
		return;
	}
	for (cpu = next_allowed(e, -1); cpu >= 0; cpu = next_allowed(e, cpu))
		cpus[cpu].nr_waiting[who] += by;
}

/* Is somebody there who may run on this CPU? */
static bool any_waits(s32 cpu, enum whose who)
{
	return nr_everywhere[who] || cpus[cpu].nr_waiting[who];
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
	count_waiting(e, ASIDE, -1);
}

static void forget(struct entry *e)
{
	e->named = 0;
	if (e->is_passed)
		unpass(e);
	if (!e->task.queued)
		return;
	ul_gone(&queue, &e->task, e->task.facts.id);
	count_waiting(e, WITH_POLICY, -1);
}

/* The other side may write it at the same time. */
#define read_once(var)	__atomic_load_n(&(var), __ATOMIC_RELAXED)

static void read_facts(const struct ul_slot *slot, struct ul_facts *facts)
{
	*facts = (struct ul_facts){
		/* the rest is at least as new as the name */
		.id = __atomic_load_n(&slot->id, __ATOMIC_ACQUIRE),
		.seq = __atomic_load_n(&slot->seq, __ATOMIC_ACQUIRE),
		.arrived = read_once(slot->arrived),
		.cpu_time = read_once(slot->cpu_time),
		.burst = read_once(slot->burst),
		.pid = read_once(slot->pid),
		.weight = read_once(slot->weight),
		.cpu = read_once(slot->cpu),
		.nr_cpus_allowed = read_once(slot->nr_cpus_allowed),
	};
}

static void read_allowed(struct entry *e, u32 nr_allowed)
{
	u64 *mask = allowed_of(e);
	const u64 *said = &link_.allowed[mask - allowed];
	u32 i;

	e->everywhere = true;
	for (i = 0; i < link_.mask_words; i++) {
		mask[i] = read_once(said[i]) & online[i];
		e->everywhere &= mask[i] == online[i];
	}
	e->bound = nr_allowed == 1 ? next_allowed(e, -1) : UL_CPU_ANY;
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
	if (!facts.id || __atomic_load_n(&slot->waiting, __ATOMIC_ACQUIRE) != facts.seq)
		return;
	read_allowed(e, facts.nr_cpus_allowed);
	if (ul_enqueue(&queue, &e->task, &facts))
		count_waiting(e, WITH_POLICY, 1);
}

static void hear(void)
{
	for (;;) {
		u32 *entry = &link_.ring[heard & link_.ring_mask];
		u32 nr = __atomic_load_n(entry, __ATOMIC_ACQUIRE);

		if (!nr)
			break;
		__atomic_store_n(entry, 0, __ATOMIC_RELAXED);
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

static void decide(const struct entry *e, s32 cpu)
{
	link_.shared->decisions[decided % UL_DECISIONS] = (struct ul_decision){
		.seq = e->task.facts.seq,
		.slice = e->turn.slice_ns,
		.slot = e - entries,
		.cpu = cpu,
	};
	__atomic_store_n(&link_.shared->decided, ++decided, __ATOMIC_RELEASE);
}

/* The policy's next task that is still there. A wish that cannot be granted is none. */
static struct entry *next(void)
{
	struct ul_turn turn;
	struct ul_task *task;

	while ((task = ul_next(&queue, &turn))) {
		struct entry *e = container_of(task, struct entry, task);

		count_waiting(e, WITH_POLICY, -1);
		if (!still_waits(e))
			continue;
		if (turn.cpu < 0 || (u32)turn.cpu >= link_.nr_cpu_ids || !may_run(e, turn.cpu))
			turn.cpu = UL_CPU_ANY;
		e->turn = turn;
		return e;
	}
	return NULL;
}

static bool wants(s32 cpu)
{
	return __atomic_load_n(&link_.cpus[cpu].wants, __ATOMIC_ACQUIRE);
}

static void serve(struct entry *e, s32 cpu)
{
	e->named = 0;
	/* before the decision, since the CPU may take it and ask again at once */
	__atomic_store_n(&link_.cpus[cpu].wants, 0, __ATOMIC_SEQ_CST);
	decide(e, e->everywhere && e->turn.cpu < 0 ? UL_CPU_ANY : cpu);
}

/*
 * Its turn has come, but not its CPU's. So that others can go on, it waits aside, in the order in
 * which the policy named them first.
 */
static void pass(struct entry *e)
{
	struct list_head *list = e->bound < 0 ? &passed : &cpus[e->bound].passed;
	struct entry *later;

	e->is_passed = true;
	nr_passed++;
	count_waiting(e, ASIDE, 1);
	if (!e->named) {
		e->named = ++nr_named;
		list_add_tail(&e->passed, list);
		return;
	}
	list_for_each_entry(later, list, passed)
		if (later->named > e->named)
			break;
	list_add_tail(&e->passed, &later->passed);
}

static void put_back(struct entry *e)
{
	unpass(e);
	ul_give_back(&queue, &e->task);
	count_waiting(e, WITH_POLICY, 1);
}

static bool meant_for_other(const struct entry *e, s32 cpu)
{
	return e->turn.cpu >= 0 && e->turn.cpu != cpu && !ul_is_overdue(&queue, &e->task);
}

/* The first of those in a list that may run on this CPU; or NULL */
static struct entry *first_passed(struct list_head *list, s32 cpu, bool any)
{
	struct entry *e, *tmp;

	/* many CPUs may have nothing to do beside many tasks that may not run there */
	if (!any_waits(cpu, ASIDE))
		return NULL;
	list_for_each_entry_safe(e, tmp, list, passed) {
		if (!may_run(e, cpu) || (!any && meant_for_other(e, cpu)))
			continue;
		if (still_waits(e))
			return e;
		unpass(e);
	}
	return NULL;
}

/*
 * The first of the tasks that wait aside for a CPU may come before or after those that the policy
 * has got since: let it decide. Who was named first is given back last, which puts him before the other.
 */
static void put_back_first(s32 cpu)
{
	struct entry *bound = first_passed(&cpus[cpu].passed, cpu, true);
	struct entry *other = first_passed(&passed, cpu, false);

	if (other && (!bound || bound->named < other->named)) {
		put_back(other);
		other = NULL;
	}
	if (bound)
		put_back(bound);
	if (other)
		put_back(other);
}

/* A CPU that wants a task and can run this one: the asker, if possible; or negative */
static s32 find_cpu(const struct entry *e, s32 asker)
{
	s32 cpu;

	if (e->turn.cpu >= 0)
		return wants(e->turn.cpu) ? e->turn.cpu : -1;
	if (may_run(e, asker))
		return asker;
	for (cpu = next_allowed(e, -1); cpu >= 0; cpu = next_allowed(e, cpu))
		if (wants(cpu))
			return cpu;
	return -1;
}

/* Rather than to have nothing to do, a CPU takes who is meant for another one. */
static void take_from_others(s32 cpu)
{
	struct entry *e = first_passed(&passed, cpu, true);

	if (!e)
		return;
	unpass(e);
	serve(e, cpu);
}

static bool is_room(void)
{
	return nr_outstanding() < UL_DECISIONS / 2;
}

/* Find a task for a CPU that wants one. */
static void answer(s32 asker)
{
	struct entry *e;
	s32 cpu;

	put_back_first(asker);
	while (any_waits(asker, WITH_POLICY) && is_room()) {
		e = next();
		if (!e)
			break;
		cpu = find_cpu(e, asker);
		if (cpu < 0)
			pass(e);
		else
			serve(e, cpu);
		if (cpu == asker)
			return;
	}
	if (is_room())
		take_from_others(asker);
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
	struct entry *e;

	if (ahead > link_.batch - 1)
		ahead = link_.batch - 1;
	while (ahead && nr_outstanding() <= ahead) {
		e = next();
		if (!e)
			return;
		if (!e->everywhere || e->turn.cpu >= 0) {
			pass(e);
			return;
		}
		e->named = 0;
		decide(e, UL_CPU_ANY);
	}
}

static void forget_if_gone(struct entry *e)
{
	if (e && !still_waits(e))
		forget(e);
}

/*
 * A task may be announced again while a decision on it is under way. If that is carried out after we
 * have read the slot, the task runs, and the kernel side does not tell us, since it was our decision. We
 * would count it as waiting for ever, and this thread would yield and never sleep. So look at those
 * that have waited longest: of all, aside, and aside for a CPU, another one each time.
 */
static void forget_gone(void)
{
	struct ul_task *first = list_first_entry_or_null(&queue.waiting, struct ul_task, waiting);
	static u32 cpu;

	if (first)
		forget_if_gone(container_of(first, struct entry, task));
	forget_if_gone(list_first_entry_or_null(&passed, struct entry, passed));
	cpu = (cpu + 1) % link_.nr_cpu_ids;
	forget_if_gone(list_first_entry_or_null(&cpus[cpu].passed, struct entry, passed));
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
	if (__atomic_load_n(&shared->asked, __ATOMIC_SEQ_CST) == asked &&
	    !__atomic_load_n(&link_.ring[heard & link_.ring_mask], __ATOMIC_SEQ_CST))
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
		forget_gone();
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

/* Whoever asks can run it on the spot, also if the process was started on some CPUs only. */
static void run_anywhere(void)
{
	size_t size = CPU_ALLOC_SIZE(link_.nr_cpu_ids);
	cpu_set_t *set = CPU_ALLOC(link_.nr_cpu_ids);

	if (!set)
		return;
	memset(set, 0xff, size);
	sched_setaffinity(0, size, set);
	CPU_FREE(set);
}

static void *decide_thread(void *arg)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	const struct sched_param param = {};
	sigset_t all;

	(void)arg;
	touch_stack();
	run_anywhere();
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

size_t ul_task_size(u32 mask_words)
{
	return sizeof(*entries) + mask_words * sizeof(*allowed);
}

/* calloc() leaves pages untouched. */
static void *set_aside(size_t nr, size_t size)
{
	void *mem = malloc(nr * size);

	return mem ? memset(mem, 0, nr * size) : NULL;
}

static int prepare_to_decide(void)
{
	u32 cpu;

	entries = set_aside(link_.params.max_tasks, sizeof(*entries));
	allowed = set_aside(link_.params.max_tasks, link_.mask_words * sizeof(*allowed));
	online = set_aside(link_.mask_words, sizeof(*online));
	cpus = set_aside(link_.nr_cpu_ids, sizeof(*cpus));
	if (!entries || !allowed || !online || !cpus)
		return -ENOMEM;
	memcpy(online, link_.online, link_.mask_words * sizeof(*online));
	INIT_LIST_HEAD(&passed);
	for (cpu = 0; cpu < link_.nr_cpu_ids; cpu++)
		INIT_LIST_HEAD(&cpus[cpu].passed);
	memset(nr_everywhere, 0, sizeof(nr_everywhere));
	nr_passed = 0;
	nr_named = heard = decided = 0;
	return ul_init(&queue, link_.policy, &link_.params);
}

static int prepare(void)
{
	stop_fd = eventfd(0, EFD_CLOEXEC);
	bell = ring_buffer__new(link_.bell_fd, rung, NULL, NULL);
	if (stop_fd < 0 || !bell)
		return -errno;
	stopping = false;
	return prepare_to_decide();
}

static void give_back(void)
{
	ring_buffer__free(bell);
	if (stop_fd >= 0)
		close(stop_fd);
	free(cpus);
	free(online);
	free(allowed);
	free(entries);
	bell = NULL;
	stop_fd = -1;
	cpus = NULL;
	online = NULL;
	allowed = NULL;
	entries = NULL;
}

/* By default its stack is as large as the user's limit for stacks, which may be less than it touches. */
static int create_thread(void)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	err = pthread_create(&thread, &attr, decide_thread, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int ul_start(const struct ul_link *link)
{
	int err;

	link_ = *link;
	err = prepare();
	if (!err)
		err = sem_init(&ready, 0, 0) ? -errno : create_thread();
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
