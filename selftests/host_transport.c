// SPDX-License-Identifier: GPL-2.0
/*
 * host_transport - what the thread that decides promises of its decisions
 *
 * The kernel side is played: tasks come, with CPUs that they may run on and wishes of a policy, in any
 * order, and CPUs ask for some. Promised: a decision names a task that waits and a CPU that it may run
 * on and that has asked; no CPU that has asked goes without while somebody waits whom it can run; who
 * cannot run on a CPU that asks stays in the policy's order; nobody waits for ever since the
 * policy wants another CPU for him. The random events are the same in each run.
 *
 * In the last part both sides are threads, which run at the same time: then nobody may be lost either,
 * nor the bell that wakes the one that decides.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>

/* The bell, which is a BPF ring buffer in the scheduler, is an eventfd here. */
#define ring_buffer__epoll_fd	bell_fd
#define ring_buffer__consume	bell_heard

static int bell_fd(const struct ring_buffer *unused);
static int bell_heard(struct ring_buffer *unused);

#include "../userland/transport.c"
#include <stdio.h>
#include <time.h>

#define MAX_TASKS	24
#define MAX_CPUS	70
#define MASK_WORDS	2
#define MS		1000000ULL

static struct ul_shared shared;
static struct ul_slot slots[MAX_TASKS];
static u64 masks[MAX_TASKS * MASK_WORDS];
static u64 online_mask[MASK_WORDS];
static u32 ring[32];
static struct ul_cpu ul_cpus[MAX_CPUS];
static u64 now;
static int nr_ok, nr_bad;

static void check(bool ok, const char *name, const char *promise)
{
	printf("%s %s: %s\n", ok ? "ok  " : "FAIL", name, promise);
	ok ? nr_ok++ : nr_bad++;
}

/*
 * A policy as unfair as can be: who came last is next. It wants the CPU for a task that the PID says.
 */

#define WISH(cpu)	((cpu) + 2)

static struct list_head stack;

static int whim_init(const struct ul_params *params)
{
	(void)params;
	INIT_LIST_HEAD(&stack);
	return 0;
}

static void whim_enqueue(struct ul_task *task)
{
	list_add(ul_room(struct list_head, task), &stack);
}

static void whim_dequeue(struct ul_task *task)
{
	list_del(ul_room(struct list_head, task));
}

static struct ul_task *whim_next(struct ul_turn *turn)
{
	struct ul_task *task;

	if (list_empty(&stack))
		return NULL;
	task = ul_task_of(stack.next);
	list_del(stack.next);
	turn->cpu = task->facts.pid - WISH(0);
	return task;
}

UL_POLICY(whim,
	  .about	= "for this test",
	  .init		= whim_init,
	  .enqueue	= whim_enqueue,
	  .dequeue	= whim_dequeue,
	  .next		= whim_next);

/* And one that is as fair: who has waited for longest is next. */

static struct list_head fifo;

static int fifo_init(const struct ul_params *params)
{
	(void)params;
	INIT_LIST_HEAD(&fifo);
	return 0;
}

static void fifo_enqueue(struct ul_task *task)
{
	struct list_head *node = ul_room(struct list_head, task);

	if (task->again)
		list_add(node, &fifo);
	else
		list_add_tail(node, &fifo);
}

static struct ul_task *fifo_next(struct ul_turn *turn)
{
	struct list_head *first = fifo.next;

	(void)turn;
	if (list_empty(&fifo))
		return NULL;
	list_del(first);
	return ul_task_of(first);
}

UL_POLICY(fifo,
	  .about	= "for this test",
	  .init		= fifo_init,
	  .enqueue	= fifo_enqueue,
	  .dequeue	= whim_dequeue,
	  .next		= fifo_next);

/*
 * The kernel side
 */

static void start(const char *policy, u32 nr_cpus, u64 max_wait_ns)
{
	memset(&shared, 0, sizeof(shared));
	memset(slots, 0, sizeof(slots));
	memset(ring, 0, sizeof(ring));
	memset(ul_cpus, 0, sizeof(ul_cpus));
	free(entries);
	free(allowed);
	free(cpus);
	free(online);
	memset(online_mask, 0xff, sizeof(online_mask));
	if (nr_cpus % 64)
		online_mask[nr_cpus / 64] = (1ULL << nr_cpus % 64) - 1;
	link_ = (struct ul_link){
		.shared = &shared, .slots = slots, .allowed = masks, .ring = ring, .cpus = ul_cpus,
		.online = online_mask,
		.ring_mask = 31, .mask_words = (nr_cpus + 63) / 64, .nr_cpu_ids = nr_cpus, .batch = 8,
		.policy = ul_find(policy),
		.params = {
			.max_tasks = MAX_TASKS, .nr_cpus = nr_cpus, .slice_ns = 20 * MS,
			.slice_min_ns = MS, .max_wait_ns = max_wait_ns,
		},
	};
	if (prepare_to_decide())
		abort();
}

static void posts(int i)
{
	if (slots[i].announced)
		return;
	slots[i].announced = 1;
	ring[shared.posted++ & link_.ring_mask] = i + 1;
}

/* @mask is of the first CPUs; 0 means that the task may run everywhere */
static void comes(int i, u64 mask, s32 wish)
{
	u64 *words = &masks[i * link_.mask_words];

	memset(words, mask ? 0 : 0xff, link_.mask_words * sizeof(*words));
	if (mask)
		words[link_.mask_words - 1] = mask;
	slots[i].id = i + 1;
	slots[i].weight = slots[i].weight ?: UL_WEIGHT_DFL;
	slots[i].pid = WISH(wish);
	slots[i].arrived = now;
	slots[i].nr_cpus_allowed = mask ? __builtin_popcountll(mask) : link_.nr_cpu_ids;
	slots[i].waiting = ++slots[i].seq;
	posts(i);
}

static void asks(s32 cpu)
{
	ul_cpus[cpu].wants = 1;
	shared.asked++;
}

static void decides(void)
{
	hear();
	answer_all();
	decide_ahead();
}

/* The task of the next decision, which then runs, or -1; and for which CPU it is */
static int takes(s32 *cpu)
{
	const struct ul_decision *d = &shared.decisions[shared.taken % UL_DECISIONS];

	if (shared.taken == decided)
		return -1;
	shared.taken++;
	*cpu = d->cpu;
	if (!slots[d->slot].waiting || slots[d->slot].waiting != d->seq)
		return -2;
	slots[d->slot].waiting = 0;
	return d->slot;
}

/*
 * Random events
 */

static bool can_run(int i, s32 cpu)
{
	return masks[i * link_.mask_words + cpu / 64] >> cpu % 64 & 1;
}

static bool all_decisions_are_right(const bool *asked)
{
	bool served[MAX_CPUS] = {};
	s32 cpu;
	int i;

	while ((i = takes(&cpu)) != -1) {
		if (i < 0)
			return false;
		if (cpu < 0 && slots[i].nr_cpus_allowed < link_.nr_cpu_ids)
			return false;
		if (cpu >= 0 && (!can_run(i, cpu) || !asked[cpu] || served[cpu]))
			return false;
		if (cpu >= 0)
			served[cpu] = true;
	}
	return true;
}

static bool nobody_goes_without(void)
{
	u32 cpu;
	int i;

	for (cpu = 0; cpu < link_.nr_cpu_ids; cpu++)
		for (i = 0; i < MAX_TASKS; i++)
			if (ul_cpus[cpu].wants && slots[i].waiting && can_run(i, cpu))
				return false;
	return true;
}

static bool one_pass(void)
{
	bool asked[MAX_CPUS];
	u32 cpu;

	for (cpu = 0; cpu < link_.nr_cpu_ids; cpu++)
		asked[cpu] = ul_cpus[cpu].wants;
	decides();
	return all_decisions_are_right(asked) && nobody_goes_without();
}

static u64 random_mask(unsigned int *seed)
{
	u32 in_last_word = link_.nr_cpu_ids - (link_.mask_words - 1) * 64;

	switch (rand_r(seed) % 3) {
	case 0:
		return 0;
	case 1:
		return 1ULL << rand_r(seed) % in_last_word;
	}
	return (rand_r(seed) & ((1ULL << in_last_word) - 1)) ?: 1;
}

static bool random_events(const char *policy, u32 nr_cpus, unsigned int seed)
{
	u32 low = nr_cpus > 64 ? 64 : 0;
	int i, k;

	start(policy, nr_cpus, seed % 2 ? 100 * MS : 0);
	for (k = 0; k < 1000; k++) {
		now += MS;
		i = rand_r(&seed) % MAX_TASKS;
		switch (rand_r(&seed) % 8) {
		case 0:	/* somebody else lets it run, which is told or not */
			slots[i].waiting = 0;
			if (rand_r(&seed) % 2)
				posts(i);
			break;
		case 1:
			slots[i].waiting = 0;
			slots[i].id = 0;
			posts(i);
			break;
		case 2:
		case 3:
			asks(low + rand_r(&seed) % (nr_cpus - low));
			break;
		case 4:
			if (!one_pass())
				return false;
			break;
		default:
			comes(i, random_mask(&seed), (s32)(rand_r(&seed) % (nr_cpus - low + 2)) - 1);
		}
	}
	/* in the end everybody has left */
	for (k = 0; k < MAX_TASKS; k++) {
		for (i = 0; i < (int)nr_cpus; i++)
			asks(i);
		if (!one_pass())
			return false;
	}
	return !queue.nr_waiting && !nr_passed;
}

static void test_random(const char *policy)
{
	unsigned int seed;
	bool ok = true;

	for (seed = 1; ok && seed <= 500; seed++)
		ok = random_events(policy, 2 + seed % 3, seed) && random_events(policy, 70, seed);
	if (!ok)
		fprintf(stderr, "with seed %u\n", seed - 1);
	check(ok, policy, "random events, no decision is wrong");
}

/*
 * Scenes
 */

/* Two CPUs that may run nobody keep on asking. */
static bool order_is_kept(void)
{
	u64 ran[2] = {};
	s32 cpu;
	int i, k;

	start("vruntime", 4, 0);
	slots[0].weight = 100;
	slots[1].weight = 300;
	for (i = 2; i < 8; i++)
		slots[i].weight = 100;
	for (i = 0; i < 8; i++)
		comes(i, 3, -1);
	for (k = 0; k < 8000; k++) {
		now += MS;
		asks(2);
		asks(3);
		asks(k % 2);
		decides();
		i = takes(&cpu);
		if (i < 0 || cpu != k % 2 || takes(&cpu) >= 0 || nr_passed)
			return false;
		slots[i].cpu_time += 20 * MS;
		slots[i].burst += 20 * MS;
		if (i < 2)
			ran[i]++;
		comes(i, 3, -1);
	}
	return ran[1] > ran[0] * 29 / 10 && ran[1] < ran[0] * 31 / 10;
}

/* A wish is granted while the CPU that asks has others; if it has none, or it would take too long, not. */
static bool wishes(void)
{
	s32 cpu;
	int k;

	start("whim", 2, 1000 * MS);
	comes(0, 0, -1);
	comes(1, 0, 1);
	asks(0);
	decides();
	if (takes(&cpu) != 0 || takes(&cpu) != -1)
		return false;
	asks(0);
	decides();
	if (takes(&cpu) != 1 || cpu != 0)
		return false;
	comes(1, 0, 1);
	asks(1);
	decides();
	if (takes(&cpu) != 1 || cpu != 1)
		return false;
	comes(0, 0, -1);
	comes(1, 0, 1);	/* named first, and passed aside */
	for (k = 0; k < 2000; k++) {
		now += MS;
		asks(0);
		decides();
		if (takes(&cpu) == 1)
			break;
		comes(0, 0, -1);
	}
	return k > 900 && k < 1100;
}

static bool gets(s32 asker, int task)
{
	s32 cpu;

	asks(asker);
	decides();
	return takes(&cpu) == task && takes(&cpu) == -1;
}

/*
 * Who waits aside does so in the order in which he was named first, however often he is given back: 1
 * is given back when CPU 2 asks, which takes 0, and is named once more when CPU 0 asks.
 */
static bool order_aside(void)
{
	int i;

	start("vruntime", 3, 0);
	for (i = 0; i < 4; i++)
		comes(i, i == 0 ? 4 : i < 3 ? 6 : 0, -1);
	if (!gets(0, 3) || !gets(2, 0))
		return false;
	comes(4, 0, -1);
	return gets(0, 4) && gets(1, 1) && gets(1, 2);
}

/* Of 12 tasks, one may run on one of four CPUs only. It gets its turns nearly as all others do. */
static bool turns_are_equal(void)
{
	int running[4] = { -1, -1, -1, -1 };
	u64 ran[12] = {};
	unsigned int seed = 1;
	s32 asker, cpu;
	int i, k;

	start("fifo", 4, 0);
	for (i = 0; i < 12; i++)
		comes(i, i == 0, -1);
	for (k = 0; k < 12000; k++) {
		now += MS;
		asker = rand_r(&seed) % 4;
		if (running[asker] >= 0)
			comes(running[asker], running[asker] == 0, -1);
		asks(asker);
		decides();
		i = takes(&cpu);
		if (i < 0 || takes(&cpu) != -1)
			return false;
		running[asker] = i;
		ran[i]++;
	}
	for (i = 0; i < 12; i++)
		if (ran[i] < 700 || ran[i] > 1100)
			return false;
	return true;
}

/* Two of four CPUs are offline: nobody waits for them, and both others are all that there are. */
static bool offline_is_not_there(void)
{
	s32 cpu;

	start("whim", 4, 0);
	online[0] = 3;
	comes(0, 0, -1);
	comes(1, 3, -1);
	comes(2, 0, 3);
	comes(3, 12, 2);	/* its CPUs have just gone */
	asks(0);
	decides();
	if (takes(&cpu) != 2 || cpu != UL_CPU_ANY)
		return false;
	asks(1);
	decides();
	return takes(&cpu) == 1 && cpu == UL_CPU_ANY;
}

/* Nobody says that they are gone: those with the policy, those aside, and those aside for a CPU. */
static bool gone_are_forgotten(void)
{
	int i;

	start("whim", 4, 0);
	for (i = 0; i < MAX_TASKS; i++)
		comes(i, i % 4 == 3 ? 3 : 1 << i % 4, -1);
	comes(0, 0, -1);
	asks(3);
	decides();
	comes(1, 1, -1);
	hear();
	if (!queue.nr_waiting || list_empty(&passed) || list_empty(&cpus[0].passed))
		return false;
	for (i = 0; i < MAX_TASKS; i++)
		slots[i].waiting = 0;
	for (i = 0; i < 4 * MAX_TASKS; i++)
		forget_gone();
	return !queue.nr_waiting && !nr_passed;
}

/*
 * Both sides at the same time. What follows does what scx_userland.bpf.c does with the shared memory.
 */

#define THREAD_CPUS	70
#define EVENTS		400000
#define WAKEUPS		20000

static int bell_eventfd;
static u64 last_id;

static int bell_fd(const struct ring_buffer *unused)
{
	(void)unused;
	return bell_eventfd;
}

static int bell_heard(struct ring_buffer *unused)
{
	eventfd_t nr;

	(void)unused;
	return eventfd_read(bell_eventfd, &nr);
}

static void ring_bell(void)
{
	if (__atomic_load_n(&shared.asleep, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&shared.asleep, 0, __ATOMIC_SEQ_CST))
		eventfd_write(bell_eventfd, 1);
}

static void post(int i)
{
	u64 pos;

	if (__atomic_exchange_n(&slots[i].announced, 1, __ATOMIC_SEQ_CST))
		return;
	pos = __atomic_fetch_add(&shared.posted, 1, __ATOMIC_SEQ_CST);
	__atomic_exchange_n(&ring[pos & link_.ring_mask], i + 1, __ATOMIC_SEQ_CST);
	ring_bell();
}

#define set(var, value)	__atomic_store_n(&(var), value, __ATOMIC_RELEASE)

/* The task comes; as another one, if the last one of this slot has ended. */
static void comes_with(int i, const u64 *mask)
{
	int k, nr_allowed = 0;

	for (k = 0; k < MASK_WORDS; k++) {
		set(masks[i * MASK_WORDS + k], mask[k]);
		nr_allowed += __builtin_popcountll(mask[k]);
	}
	if (!slots[i].id)
		set(slots[i].id, ++last_id);
	set(slots[i].nr_cpus_allowed, nr_allowed);
	set(slots[i].arrived, ++now);
	set(slots[i].seq, slots[i].seq + 1);
	set(slots[i].waiting, slots[i].seq);
	post(i);
}

static void wakes_everywhere(int i)
{
	const u64 all[] = { -1ULL, -1ULL >> (128 - THREAD_CPUS) };

	comes_with(i, all);
}

static void wakes_on(int i, s32 cpu, bool on_first_too)
{
	u64 mask[MASK_WORDS] = { on_first_too };

	mask[cpu / 64] |= 1ULL << cpu % 64;
	comes_with(i, mask);
}

static void wakes(int i, unsigned int *seed)
{
	if (rand_r(seed) % 2)
		wakes_everywhere(i);
	else
		wakes_on(i, rand_r(seed) % THREAD_CPUS, rand_r(seed) % 2);
}

/* Once for all that has been posted: who asks again and again would make up for a lost bell. */
static void asks_once(s32 cpu)
{
	static u64 asked[THREAD_CPUS], posted[THREAD_CPUS];
	bool answered = __atomic_load_n(&shared.answered, __ATOMIC_ACQUIRE) >= asked[cpu];

	if (__atomic_load_n(&ul_cpus[cpu].wants, __ATOMIC_ACQUIRE) &&
	    (posted[cpu] == shared.posted || !answered))
		return;
	set(ul_cpus[cpu].wants, 1);
	posted[cpu] = shared.posted;
	asked[cpu] = __atomic_add_fetch(&shared.asked, 1, __ATOMIC_SEQ_CST);
	ring_bell();
}

/* Returns false if there was a decision, for a task as it is now, that was wrong. */
static bool takes_all(void)
{
	struct ul_decision d;

	while (shared.taken != __atomic_load_n(&shared.decided, __ATOMIC_ACQUIRE)) {
		d = shared.decisions[shared.taken % UL_DECISIONS];
		__atomic_add_fetch(&shared.taken, 1, __ATOMIC_SEQ_CST);
		if (d.slot >= MAX_TASKS)
			return false;
		if (slots[d.slot].waiting != d.seq || !d.seq)
			continue;
		if (d.cpu < 0 ? slots[d.slot].nr_cpus_allowed != THREAD_CPUS : !can_run(d.slot, d.cpu))
			return false;
		set(slots[d.slot].waiting, 0);
	}
	return true;
}

static void spin(int times)
{
	volatile int i;

	for (i = 0; i < times; i++)
		;
}

static bool somebody_waits(void)
{
	int i;

	for (i = 0; i < MAX_TASKS; i++)
		if (slots[i].waiting)
			return true;
	return false;
}

/* Everybody who waits is decided on, if all CPUs ask. */
static bool all_are_served(void)
{
	time_t end = time(NULL) + 60;
	s32 cpu;

	while (somebody_waits() && time(NULL) < end) {
		for (cpu = 0; cpu < THREAD_CPUS; cpu++)
			asks_once(cpu);
		sched_yield();
		if (!takes_all())
			return false;
	}
	return !somebody_waits();
}

static bool many_events(unsigned int *seed)
{
	int i, k;

	for (k = 0; k < EVENTS; k++) {
		i = rand_r(seed) % MAX_TASKS;
		switch (rand_r(seed) % 16) {
		case 0:	/* it ends, or somebody else lets it run, */
			set(slots[i].id, 0);
			/* fallthrough */
		case 1:
			set(slots[i].waiting, 0);
			post(i);
			break;
		case 2:	/* and it comes again at once */
			set(slots[i].waiting, 0);
			wakes(i, seed);
			break;
		case 3 ... 6:
			if (!slots[i].waiting)
				wakes(i, seed);
			break;
		case 7:
			if (!takes_all() || (!(k % 64) && !all_are_served()))
				return false;
			break;
		default:
			asks_once(rand_r(seed) % THREAD_CPUS);
		}
	}
	return all_are_served();
}

static bool is_served(int i)
{
	time_t end = time(NULL) + 60;
	u32 k;

	for (k = 1; slots[i].waiting; k++) {
		if (!wants(0))
			asks_once(0);
		if (!takes_all() || time(NULL) > end)
			return false;
		/* as soon as possible, but there may be one CPU only */
		if (!(k % 1024))
			sched_yield();
	}
	return true;
}

/* It wakes up just when the other side might go to sleep, and nothing comes after it. */
static bool lonely_wakeups(unsigned int *seed)
{
	int k;

	for (k = 0; k < WAKEUPS; k++) {
		asks_once(0);
		spin(rand_r(seed) % 256);
		wakes_everywhere(k % MAX_TASKS);
		if (!is_served(k % MAX_TASKS))
			return false;
	}
	return true;
}

/* It goes and comes again just when the other side, which somebody keeps awake, reads of it. */
static bool hasty_wakeups(unsigned int *seed)
{
	int i, k;

	set(ul_cpus[1].wants, 0);
	wakes_on(0, 1, false);
	for (k = 0; k < WAKEUPS; k++) {
		i = 1 + k % (MAX_TASKS - 1);
		wakes_everywhere(i);
		spin(rand_r(seed) % 1024);
		set(slots[i].waiting, 0);
		wakes_everywhere(i);
		if (!is_served(i))
			return false;
	}
	return true;
}

static void *decides_till_stopped(void *unused)
{
	go_on();
	return unused;
}

static bool at_the_same_time(void)
{
	static const int ended;
	unsigned int seed = 1;
	pthread_t decider;
	bool ok;

	start("vruntime", THREAD_CPUS, 0);
	link_.ended = &ended;
	bell_eventfd = eventfd(0, EFD_NONBLOCK);
	stop_fd = eventfd(0, 0);
	if (bell_eventfd < 0 || stop_fd < 0 || pthread_create(&decider, NULL, decides_till_stopped, NULL))
		return false;
	ok = many_events(&seed) && lonely_wakeups(&seed) && hasty_wakeups(&seed);
	stopping = true;
	eventfd_write(stop_fd, 1);
	pthread_join(decider, NULL);
	return ok;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_random("whim");
	test_random("vruntime");
	check(order_is_kept(), "order", "CPUs that may run nobody do not upset it");
	check(order_aside(), "aside", "who waits aside keeps his place");
	check(turns_are_equal(), "fifo", "who may run on one CPU only gets as many turns");
	check(offline_is_not_there(), "offline", "CPUs that are offline count for nothing");
	check(gone_are_forgotten(), "gone", "who is gone is not waited for, though nobody says so");
	check(wishes(), "wishes", "a CPU is waited for while there is something else to do");
	check(at_the_same_time(), "threads", "nobody is lost, whatever the other side does meanwhile");
	printf("%d passed, %d failed, 0 skipped\n", nr_ok, nr_bad);
	return nr_bad || !nr_ok;
}
