// SPDX-License-Identifier: GPL-2.0
/*
 * host_policies - what the policies of scx_userland promise
 *
 * usage: host_policies [SEEDS]
 *        host_policies wait POLICY
 *
 * Every policy is driven by events in any order, among them those that announcements can do wrong,
 * and compared after each with a model that is slow and plainly right: an array that is searched,
 * numbers that never wrap around. A policy without a model is held to what all promise: who comes
 * leaves once, who is gone does not come out, nobody waits for too long. Then come scenes: shares,
 * credit, debt, order. The random events are the same in each run; SEEDS sequences, by default
 * 2000. With "wait" it only prints how long who sleeps much waits beside hogs.
 *
 * Built with -DFUZZ it is a libFuzzer target instead, which makes up the events.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../userland/policy.h"

#define MAX_TASKS	24
#define MS		1000000LL
#define SEC		(1000 * MS)

/*
 * Tasks, and what is told of them
 */

static struct ul_queue queue;
static struct ul_task *tasks;
static struct ul_facts facts[MAX_TASKS];
static u64 now;

static void start(struct ul_policy *policy, u64 slice_ns, u64 slice_min_ns, u64 max_wait_ns)
{
	struct ul_params params = {
		.max_tasks = MAX_TASKS, .nr_cpus = 2, .slice_ns = slice_ns,
		.slice_min_ns = slice_min_ns, .max_wait_ns = max_wait_ns,
	};

	free(tasks);
	tasks = calloc(MAX_TASKS, sizeof(*tasks));
	if (!tasks || ul_init(&queue, policy, &params))
		abort();
}

/*
 * The model
 */

struct known {
	bool	queued;
	u64	id;
	u64	seq;
	s64	cpu_time;
	s64	burst;
	s64	arrived;
	s64	came_as;
	s64	rank;		/* among equals */
	u32	weight;
	s32	pid;
	s64	vruntime;
	s64	deadline;
};

struct model {
	s64		slice;
	s64		slice_min;
	s64		max_wait;
	s64		time;
	s64		latest;		/* arrival that was taken */
	s64		vclock;
	s64		nr_came;
	int		picked;		/* last, -1 if nobody was */
	struct known	known[MAX_TASKS];
	bool		(*before)(const struct known *a, const struct known *b);
	s64		(*turn)(const struct model *m, const struct known *k);
};

static bool lower_vruntime(const struct known *a, const struct known *b)
{
	return a->vruntime != b->vruntime ? a->vruntime < b->vruntime : a->rank < b->rank;
}

static s64 one_slice(const struct model *m, const struct known *k)
{
	(void)k;
	return m->slice;
}

static bool earlier_deadline(const struct known *a, const struct known *b)
{
	if (a->deadline != b->deadline)
		return a->deadline < b->deadline;
	if (a->arrived != b->arrived)
		return a->arrived < b->arrived;
	return a->pid != b->pid ? a->pid < b->pid : a->came_as < b->came_as;
}

static s64 min_slice_by_weight(const struct model *m, const struct known *k)
{
	return m->slice_min * k->weight / 100 ?: 1;
}

/* Which model is whose; others are held to what every policy promises. */
static const struct {
	const char	*name;
	bool		(*before)(const struct known *a, const struct known *b);
	s64		(*turn)(const struct model *m, const struct known *k);
} models[] = {
	{ "deadline", earlier_deadline, min_slice_by_weight },
	{ "vruntime", lower_vruntime, one_slice },
};

static void model_init(struct model *m, const char *name)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->picked = -1;
	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (strcmp(models[i].name, name))
			continue;
		m->before = models[i].before;
		m->turn = models[i].turn;
	}
}

static bool model_enqueue(struct model *m, int i, u64 id, u64 seq, s64 used, s64 arrived)
{
	struct known *k = &m->known[i];
	bool fresh = id != k->id;
	s64 cost = m->slice * 100 / k->weight;

	if (id < k->id || (!fresh && seq < k->seq))
		return false;
	k->vruntime += used * 100 / k->weight;
	k->vruntime = max(k->vruntime, m->vclock - m->slice);
	k->vruntime = min(k->vruntime, m->vclock + max(m->slice, cost) * 3 / 2);
	if (fresh)
		k->vruntime = m->vclock;
	k->deadline = k->vruntime + min(k->burst, 100 * m->slice);
	k->id = id;
	k->seq = seq;
	k->arrived = arrived;
	m->latest = max(m->latest, arrived);
	k->came_as = k->rank = ++m->nr_came;
	k->queued = true;
	return true;
}

/* Its turn had come before that of its equals. */
static void model_give_back(struct model *m, int i)
{
	struct known *k = &m->known[i];

	model_enqueue(m, i, k->id, k->seq, 0, k->arrived);
	k->rank = -k->came_as;
}

static int model_count(const struct model *m)
{
	int i, n = 0;

	for (i = 0; i < MAX_TASKS; i++)
		n += m->known[i].queued;
	return n;
}

static bool came_first(const struct known *a, const struct known *b)
{
	return a->arrived != b->arrived ? a->arrived < b->arrived : a->came_as < b->came_as;
}

/* The first that came, if it has waited for too long; -1 if not */
static int model_overdue(const struct model *m)
{
	int i, first = -1;

	for (i = 0; i < MAX_TASKS; i++)
		if (m->known[i].queued &&
		    (first < 0 || came_first(&m->known[i], &m->known[first])))
			first = i;
	if (!m->max_wait || first < 0 || m->latest - m->known[first].arrived <= m->max_wait)
		return -1;
	return first;
}

static int model_first(const struct model *m)
{
	int i, first = -1;

	for (i = 0; i < MAX_TASKS; i++)
		if (m->known[i].queued && (first < 0 || m->before(&m->known[i], &m->known[first])))
			first = i;
	return first;
}

/*
 * Policy and model, side by side
 */

static char why[256];

__attribute__((format(printf, 1, 2)))
static bool differs(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return false;
}

struct input {
	const uint8_t	*at;
	const uint8_t	*end;
};

static unsigned int take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* Times of all sizes, from nothing to some minutes; often the same ones */
static s64 take_time(struct input *in)
{
	unsigned int byte = take(in);

	return (s64)(byte & 7) << (byte >> 3);
}

static u32 take_weight(struct input *in, u32 *told)
{
	static const u32 weights[] = { 1, 1, 3, 99, 100, 101, 1000, 10000 };
	static const u32 wrong[] = { 0, 10001, UINT32_MAX };
	unsigned int byte = take(in);

	*told = weights[byte % 8];
	if (byte < 250)
		return *told;
	*told = wrong[byte % 3];
	return *told ? 10000 : 1;
}

/* A task comes: one of this entry, or a new one, with an announcement in time or late */
static bool comes(struct model *m, struct input *in, int i, unsigned int op)
{
	struct known *k = &m->known[i];
	struct ul_facts *f = &facts[i];
	s64 used = take_time(in), arrived;
	bool late, done;

	m->time += take_time(in);
	/* one that waits already, and is announced anew, has come when it came */
	arrived = op == 1 && k->queued ? k->arrived : m->time;
	if (op == 4 || !k->id) {
		f->id = k->id + 1;
		f->seq = 0;
		k->cpu_time = k->burst = 0;
	}
	f->seq++;
	late = op == 5 && k->id;
	if (late && used & 1)
		f->id--;
	else if (late)
		f->seq -= 2;
	if (!late) {
		k->weight = take_weight(in, &f->weight);
		k->pid = f->pid = 1 + (i + take(in)) / 8;
		k->cpu_time += used;
		k->burst = op == 0 ? 0 : k->burst + used;
	}
	f->cpu_time = now + k->cpu_time;
	f->burst = k->burst;
	f->arrived = now + arrived;
	done = ul_enqueue(&queue, &tasks[i], f);
	if (done != model_enqueue(m, i, f->id, f->seq, used, arrived))
		return differs("an announcement is %s", done ? "taken, too late" : "refused");
	if (late) {
		f->id = k->id;
		f->seq = k->seq;
	}
	return true;
}

/* Somebody is to run next */
static bool picks(struct model *m)
{
	struct ul_turn turn;
	struct ul_task *task = ul_next(&queue, &turn);
	int first = model_overdue(m), got = task ? task - tasks : -1;
	bool overdue = first >= 0;

	m->picked = got;
	if (!overdue && m->before)
		first = model_first(m);
	if ((overdue || m->before) && got != first)
		return differs("task %d is next, not %d", got, first);
	if (!task)
		return !model_count(m) || differs("nobody is next, though %d wait", model_count(m));
	if (!m->known[got].queued)
		return differs("task %d is next, which does not wait", got);
	m->known[got].queued = false;
	if (!turn.slice_ns || turn.cpu < UL_CPU_ANY || turn.cpu >= (s32)queue.params.nr_cpus)
		return differs("a bad turn");
	if (overdue)
		return (s64)turn.slice_ns == m->slice_min || differs("not the least slice");
	if (!m->before)
		return true;
	m->vclock = max(m->vclock, m->known[got].vruntime);
	return (s64)turn.slice_ns == m->turn(m, &m->known[got]) ||
	       differs("a slice of %llu ns, not %lld", (unsigned long long)turn.slice_ns,
		       (long long)m->turn(m, &m->known[got]));
}

/* Who was picked last could not run. */
static void is_given_back(struct model *m)
{
	if (m->picked < 0 || m->known[m->picked].queued)
		return;
	ul_give_back(&queue, &tasks[m->picked]);
	model_give_back(m, m->picked);
}

static void goes(struct model *m, int i, bool late)
{
	ul_gone(&queue, &tasks[i], m->known[i].id - late);
	if (!late)
		m->known[i].queued = false;
}

static bool event(struct model *m, struct input *in)
{
	unsigned int byte = take(in);
	int i = byte / 8 % MAX_TASKS;
	unsigned int op = byte % 8;

	if (op < 6 && !comes(m, in, i, op))
		return false;
	if (op == 3 || (op == 6 && take(in) & 1))
		return picks(m);
	if (op == 6)
		is_given_back(m);
	if (op == 7)
		goes(m, i, take(in) & 1);
	return queue.nr_waiting == (u32)model_count(m) || differs("%u wait", queue.nr_waiting);
}

/* From the first to the last event, and then until nobody waits: false, and why, if one is wrong */
static bool same_as_model(struct ul_policy *policy, const uint8_t *data, size_t size)
{
	static const u64 starts[] = { 0, -(u64)SEC, -(u64)1, (u64)1 << 63 };
	struct input in = { data, data + size };
	struct model m;
	int i;

	model_init(&m, policy->name);
	for (i = 0; i < MAX_TASKS; i++)
		m.known[i].weight = 1;
	memset(facts, 0, sizeof(facts));
	m.slice_min = 1 + take(&in) % 32 * MS;
	m.slice = m.slice_min + take(&in) % 32 * MS;
	m.max_wait = take(&in) % 4 * 100 * MS;
	now = starts[take(&in) % 4];
	start(policy, m.slice, m.slice_min, m.max_wait);
	while (in.at < in.end) {
		size_t at = in.at - data;

		if (event(&m, &in))
			continue;
		fprintf(stderr, "%s, event at byte %zu: %s\n", policy->name, at, why);
		return false;
	}
	while (model_count(&m)) {
		if (picks(&m))
			continue;
		fprintf(stderr, "%s, at the end: %s\n", policy->name, why);
		return false;
	}
	return !queue.nr_waiting && picks(&m);
}

#ifdef FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ul_policy *policy;

	for (policy = ul_find(NULL); policy; policy = policy->next_policy)
		if (!same_as_model(policy, data, size))
			abort();
	return 0;
}

#else

static int passed, failed, skipped;

static void check(bool ok, const char *whose, const char *name, const char *promise)
{
	printf("%s %s/%s: %s\n", ok ? "ok  " : "FAIL", whose, name, promise);
	ok ? passed++ : failed++;
}

/* xorshift64: the same everywhere */
static uint8_t random_byte(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 32;
}

static bool random_events(struct ul_policy *policy, u64 seeds)
{
	static uint8_t data[4096];
	u64 seed, state;
	size_t i, size;

	for (seed = 1; seed <= seeds; seed++) {
		state = seed * 0x9e3779b97f4a7c15;
		size = 16 << seed % 9;
		for (i = 0; i < size; i++)
			data[i] = random_byte(&state);
		if (same_as_model(policy, data, size))
			continue;
		fprintf(stderr, "with the events of seed %llu\n", (unsigned long long)seed);
		return false;
	}
	return true;
}

/*
 * Scenes, on one CPU: a task comes, runs for as long as it is told to, and so on
 */

static void comes_as(int i, u32 weight, s32 pid)
{
	facts[i].id++;
	facts[i].seq = 0;
	facts[i].weight = weight;
	facts[i].pid = pid;
	facts[i].cpu_time = facts[i].burst = 0;
	facts[i].arrived = now;
	ul_enqueue(&queue, &tasks[i], &facts[i]);
}

static void comes_again(int i)
{
	facts[i].seq++;
	facts[i].arrived = now;
	ul_enqueue(&queue, &tasks[i], &facts[i]);
}

static void wakes_up(int i)
{
	facts[i].burst = 0;
	comes_again(i);
}

static void runs(int i, s64 ns)
{
	now += ns;
	facts[i].cpu_time += ns;
	facts[i].burst += ns;
}

static int next(struct ul_turn *turn)
{
	struct ul_turn unused;
	struct ul_task *task = ul_next(&queue, turn ?: &unused);

	return task ? task - tasks : -1;
}

/*
 * For so long the CPU runs who is next, for all of its slice, and who ran comes again. The longest scene has
 * 2.5 million turns; a policy that makes far more of it is wrong, and nothing to wait for.
 */
static void hogs_run(s64 ns)
{
	u64 end = now + ns;
	struct ul_turn turn;
	int i, turns;

	for (turns = 0; ul_before(now, end) && turns < 10000000; turns++) {
		i = next(&turn);
		if (i < 0)
			return;
		runs(i, turn.slice_ns);
		comes_again(i);
	}
}

static s64 cpu_time(int i)
{
	return facts[i].cpu_time;
}

static void scene(struct ul_policy *policy, s64 max_wait)
{
	memset(facts, 0, sizeof(facts));
	now = -(u64)SEC;	/* all times wrap around soon */
	start(policy, 20 * MS, MS, max_wait);
}

static bool is_near(double value, double wanted)
{
	return value > wanted * 0.98 && value < wanted * 1.02;
}

static bool shares(struct ul_policy *policy)
{
	static const int weights[] = { 100, 100, 300, 11, 2500 };
	s64 before[5];
	double all = 0;
	int i;

	scene(policy, 0);
	for (i = 0; i < 5; i++)
		comes_as(i, weights[i], i + 1);
	hogs_run(2000 * SEC);	/* until all have the longest burst */
	for (i = 0; i < 5; i++)
		before[i] = cpu_time(i);
	hogs_run(3000 * SEC);
	for (i = 0; i < 5; i++)
		all += cpu_time(i) - before[i];
	for (i = 0; i < 5; i++)
		if (!is_near((cpu_time(i) - before[i]) / all, weights[i] / 3011.0))
			return false;
	return true;
}

/* The lightest runs in time as short as it likes beside the heaviest. */
static bool extremes(struct ul_policy *policy)
{
	s64 before[2];

	scene(policy, 0);
	comes_as(0, 1, 1);
	comes_as(1, 10000, 2);
	hogs_run(50000 * SEC);
	before[0] = cpu_time(0);
	before[1] = cpu_time(1);
	hogs_run(50000 * SEC);
	return is_near((double)(cpu_time(1) - before[1]) / (cpu_time(0) - before[0]), 10000);
}

/* Longest time that @i has waited */
static s64 longest_wait(int i, s64 ns)
{
	u64 end = now + ns, came = now;
	struct ul_turn turn;
	s64 longest = 0;
	int got;

	while (ul_before(now, end)) {
		got = next(&turn);
		if (got == i)
			longest = max(longest, (s64)(now - came));
		runs(got, turn.slice_ns);
		comes_again(got);
		if (got == i)
			came = now;
	}
	return max(longest, (s64)(now - came));
}

static bool wait_is_bounded(struct ul_policy *policy)
{
	int i;

	scene(policy, 5 * SEC);
	comes_as(0, 1, 1);
	for (i = 1; i < MAX_TASKS; i++)
		comes_as(i, 10000, i + 1);
	/* and what else is overdue by then */
	return longest_wait(0, 1000 * SEC) < 5 * SEC + MAX_TASKS * 100 * MS;
}

/* So it is with who is picked, but not run, and given back: each has come when it came. */
static bool given_back_is_first(struct ul_policy *policy)
{
	static const int order[] = { 2, 0, 1 };
	int got[3], i;

	scene(policy, SEC);
	for (i = 0; i < 4; i++) {
		comes_as(i, 100, i + 1);
		now += MS;
	}
	for (i = 0; i < 3; i++) {
		got[i] = next(NULL);
		if (got[i] < 0)
			return false;
	}
	for (i = 0; i < 3; i++)
		ul_give_back(&queue, &tasks[got[order[i]]]);
	now += 2 * SEC;
	comes_as(4, 100, 5);
	for (i = 0; i < 4; i++)
		if (next(NULL) != i)
			return false;
	return true;
}

/* What each of the first @n gets in the next @ns */
static void hogs_get(s64 *got, int n, s64 ns)
{
	int i;

	for (i = 0; i < n; i++)
		got[i] = -cpu_time(i);
	hogs_run(ns);
	for (i = 0; i < n; i++)
		got[i] += cpu_time(i);
}

/* Who is away while another one uses 100 slices is owed one. */
static bool credit_is_capped(struct ul_policy *policy)
{
	s64 got[2];

	scene(policy, 0);
	comes_as(0, 100, 1);
	comes_as(1, 100, 2);
	hogs_run(10 * SEC);
	ul_gone(&queue, &tasks[0], facts[0].id);
	hogs_run(100 * 20 * MS);
	comes_again(0);
	hogs_get(got, 2, SEC);
	return got[0] - got[1] > 18 * MS && got[0] - got[1] < 42 * MS;
}

/* Who had a CPU to itself for an hour does not have to pay it back. */
static bool debt_is_capped(struct ul_policy *policy)
{
	s64 got[2];

	scene(policy, 0);
	comes_as(0, 100, 1);
	next(NULL);
	runs(0, 3600 * SEC);
	wakes_up(0);
	comes_as(1, 100, 2);
	hogs_get(got, 2, SEC);
	return got[1] - got[0] > -22 * MS && got[1] - got[0] < 42 * MS;
}

/* A new task starts where the others are, also if it is given a former task's entry and PID. */
static bool new_starts_now(struct ul_policy *policy)
{
	s64 got[3];

	scene(policy, 0);
	comes_as(0, 100, 1);
	comes_as(1, 100, 2);
	comes_as(2, 1, 3);
	hogs_run(100 * SEC);
	facts[2].id++;
	facts[2].weight = 100;
	facts[2].cpu_time = 0;
	facts[2].burst = 10 * SEC;	/* else deadline would be right to prefer it */
	comes_again(2);
	hogs_get(got, 3, 3 * SEC);
	return got[2] > SEC - 42 * MS && got[2] < SEC + 42 * MS;
}

/* An hour later the same happens: nothing depends on where a counter stands. */
static bool wraps_around(struct ul_policy *policy)
{
	static const u64 starts[] = { 0, -(u64)SEC, ((u64)1 << 63) - SEC };
	int order[3][400], i, k;
	struct ul_turn turn;

	for (i = 0; i < 3; i++) {
		memset(facts, 0, sizeof(facts));
		now = starts[i];
		start(policy, 20 * MS, MS, 100 * MS);
		for (k = 0; k < 8; k++)
			comes_as(k, 50 + 20 * k, 1);
		for (k = 0; k < 8; k++) {
			facts[k].cpu_time = starts[i];
			facts[k].id++;
			comes_again(k);
		}
		for (k = 0; k < 400; k++) {
			order[i][k] = next(&turn);
			runs(order[i][k], turn.slice_ns);
			comes_again(order[i][k]);
		}
	}
	return !memcmp(order[0], order[1], sizeof(order[0])) &&
	       !memcmp(order[0], order[2], sizeof(order[0]));
}

#define NOT_CONFINED 2

/* In a process that may do nothing but compute. Returns its status, of wait(). */
static int run_confined(struct ul_policy *policy)
{
	int i, status = -1;
	pid_t pid;

	scene(policy, 100 * MS);
	pid = fork();
	if (!pid) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			_exit(NOT_CONFINED);
		for (i = 0; i < MAX_TASKS; i++)
			comes_as(i, 1 + i * 400, i + 1);
		hogs_run(10 * SEC);
		for (i = 0; i < MAX_TASKS / 2; i++)
			ul_gone(&queue, &tasks[i], facts[i].id);
		while (next(NULL) >= 0)
			;
		syscall(SYS_exit, 0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void test_system_calls(struct ul_policy *policy)
{
	int status = run_confined(policy);

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED) {
		printf("skip %s confined: a filter of seccomp's is in force\n", policy->name);
		skipped++;
		return;
	}
	check(!status, policy->name, "syscalls", "no system call once it has started");
}

/* Whoever wakes up is next, if others have used CPU time since they slept last. */
static bool sleeper_is_next(struct ul_policy *policy)
{
	struct ul_turn turn;
	int i, k, got;

	scene(policy, 0);
	for (i = 0; i < 5; i++)
		comes_as(i, 100, i + 1);
	hogs_run(20 * SEC);
	ul_gone(&queue, &tasks[0], facts[0].id);
	for (k = 0; k < 1000; k++) {
		for (i = 0; i < 5; i++) {
			got = next(&turn);
			runs(got, turn.slice_ns);
			comes_again(got);
		}
		wakes_up(0);
		if (next(NULL))
			return false;
		runs(0, MS / 10);
	}
	return true;
}

/*
 * Beside ten hogs, 0 sleeps for some 40 ms and computes for 1 ms, over and over: how long it waits
 * at most for its turn
 */
static s64 longest_wait_of_sleeper(struct ul_policy *policy)
{
	struct ul_turn turn;
	s64 longest = 0;
	bool asleep = false;
	u64 wakes = 0;
	int i, k, got;

	scene(policy, 0);
	for (i = 0; i <= 10; i++)
		comes_as(i, 100, i + 1);
	for (k = 0; k < 100000; k++) {
		if (asleep && !ul_before(now, wakes)) {
			asleep = false;
			wakes_up(0);
		}
		got = next(&turn);
		if (got) {
			runs(got, turn.slice_ns);
			comes_again(got);
			continue;
		}
		if (k > 50000)
			longest = max(longest, (s64)(now - wakes));
		runs(0, turn.slice_ns < MS ? turn.slice_ns : MS);
		asleep = true;
		wakes = now + 30 * MS + k % 97 * (MS / 5);
	}
	return longest;
}

/*
 * Others have the longest burst, 2 s. One that starts now is next until its vruntime and its burst
 * have grown by 2 s together.
 */
static bool burst_counts(struct ul_policy *policy)
{
	struct ul_turn turn;
	int i;

	scene(policy, 0);
	for (i = 0; i < 4; i++)
		comes_as(i, 100, i + 1);
	hogs_run(40 * SEC);
	comes_as(4, 100, 5);
	while ((i = next(&turn)) == 4 && cpu_time(4) < 10 * SEC) {
		runs(4, turn.slice_ns);
		comes_again(4);
	}
	return cpu_time(4) > SEC - 22 * MS && cpu_time(4) < SEC + 22 * MS;
}

static bool ties(struct ul_policy *policy)
{
	static const int pids[] = { 30, 20, 10 };
	int i;

	scene(policy, 0);
	for (i = 0; i < 3; i++)
		comes_as(i, 100, pids[i]);
	if (next(NULL) != 2 || next(NULL) != 1 || next(NULL) != 0)
		return false;
	scene(policy, 0);
	for (i = 0; i < 3; i++) {
		comes_as(i, 100, pids[i]);
		now++;
	}
	return next(NULL) == 0 && next(NULL) == 1 && next(NULL) == 2;
}

static bool gives(struct ul_policy *policy, u32 weight, u64 slice_ns)
{
	struct ul_turn turn;

	scene(policy, 0);
	comes_as(0, weight, 1);
	return next(&turn) == 0 && turn.slice_ns == slice_ns && turn.cpu == UL_CPU_ANY;
}

static void test_fair(struct ul_policy *policy)
{
	const char *name = policy->name;

	check(shares(policy), name, "shares", "CPU time by weight, within 2 %");
	check(extremes(policy), name, "extremes", "weights 1 and 10000, within 2 %");
	check(credit_is_capped(policy), name, "credit", "who was away is owed a slice, not more");
	check(debt_is_capped(policy), name, "debt", "who had a CPU to itself does not pay it back");
	check(new_starts_now(policy), name, "new", "a new task starts where the others are");
}

static void test_deadline(struct ul_policy *policy)
{
	const char *name = policy->name;

	check(sleeper_is_next(policy), name, "sleeper", "who wakes up is next, beside hogs");
	check(longest_wait_of_sleeper(policy) <= 2 * MS &&
	      longest_wait_of_sleeper(ul_find("vruntime")) >= 10 * MS, name, "sooner",
	      "who sleeps much waits for 2 ms at most, with vruntime for 10 or more");
	check(burst_counts(policy), name, "burst", "a burst counts, up to 100 slices");
	check(ties(policy), name, "ties", "equals: the earlier arrival, then the lower PID");
	check(gives(policy, 1, MS / 100) && gives(policy, 100, MS) && gives(policy, 10000, 100 * MS),
	      name, "slice", "the minimum slice by weight");
}

static void test(struct ul_policy *policy, u64 seeds)
{
	struct model m;

	model_init(&m, policy->name);
	check(random_events(policy, seeds), policy->name, "random",
	      m.before ? "random events, as the model says" : "random events, each task comes out once");
	check(wraps_around(policy), policy->name, "wrap", "times that wrap around");
	test_system_calls(policy);
	check(wait_is_bounded(policy), policy->name, "wait", "nobody waits for much longer than the limit");
	check(given_back_is_first(policy), policy->name, "back", "who is given back has come when it came");
	if (m.before)
		test_fair(policy);
}

/* What policies.c itself promises */
static void test_registry(void)
{
	struct ul_policy *policy = ul_find("vruntime");

	check(policy && !strcmp(policy->name, "vruntime"), "all", "find", "a policy is found by its name");
	check(!ul_find("nonsense") && !ul_find(""), "all", "unknown", "an unknown name is not found");
	for (policy = ul_find(NULL); policy->next_policy; policy = policy->next_policy)
		if (strcmp(policy->name, policy->next_policy->name) >= 0)
			break;
	check(!policy->next_policy, "all", "order", "listed in order of their names");
}

int main(int argc, char **argv)
{
	u64 seeds = argc > 1 ? strtoull(argv[1], NULL, 0) : 2000;
	struct ul_policy *policy;

	if (argc > 2) {
		policy = ul_find(argv[2]);
		if (!policy || strcmp(argv[1], "wait"))
			return 1;
		printf("%.1f ms\n", (double)longest_wait_of_sleeper(policy) / MS);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_registry();
	for (policy = ul_find(NULL); policy; policy = policy->next_policy)
		test(policy, seeds);
	test_deadline(ul_find("deadline"));
	check(gives(ul_find("vruntime"), 1, 20 * MS) && gives(ul_find("vruntime"), 10000, 20 * MS),
	      "vruntime", "slice", "every turn is a slice");
	free(tasks);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed || !passed;
}

#endif
