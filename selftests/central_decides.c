// SPDX-License-Identifier: GPL-2.0
/*
 * central_decides - every decision is the central CPU's, and the counters add up
 *
 * Promised: under load of hogs, sleepers and tasks that are moved about, with either CPU as the central
 * one, no task was moved to a CPU by another CPU (the BPF side records who did it); of those that
 * were queued each was decided, or was taken back before, once the load is gone; somebody was
 * preempted, and a kick served for more than one request at times (not on PREEMPT_RT). With --batch 1 there are
 * requests left over, and they are answered. Who wakes up on an idle CPU is decided at once, not when
 * the timer comes. Since 6.12.
 */
#include "central.h"
#include <sys/resource.h>

/* Falls asleep and wakes up; at times it is bound to a CPU, or to none. */
static int roam(void *arg)
{
	const struct timespec us = { .tv_nsec = 300000 };
	int i;

	for (i = 0; ; i++) {
		if (i % 8 == 0)
			pin(i % 3 ? ANY_CPU : i % 2 ? first_cpu() : last_cpu());
		if (i % 5 == 0)
			setpriority(PRIO_PROCESS, 0, i % 10);
		if (i % 3 == 0)
			sched_yield();
		nanosleep(&us, NULL);
		++*(volatile u64 *)arg;
	}
	return 0;
}

static bool kick_serves_many(const struct sched *s)
{
	const char *line = last_report(s);

	return counter_in(line, "kicks") < counter_in(line, "requests") + counter_in(line, "full");
}

/* A CPU that asks alone, and is answered at once, kicks each time. So the answers shall be late. */
static void wait_for_shared_kick(const struct sched *s, int central)
{
	struct rhythm late = { .work = 30000, .rest = 30000 };
	pid_t above = spawn(central, 0, SCHED_FIFO, now_and_then, &late);

	wait_for(kick_serves_many(s), "a kick for two requests");
	stop(above);
}

/* Sleeps for a tenth of the timer's period, again and again. */
static int wake_often(void *arg)
{
	const struct timespec us = { .tv_nsec = 100000 };

	for (;; ++*(volatile u64 *)arg)
		nanosleep(&us, NULL);
	return 0;
}

/* Nobody waits for the timer: more is decided than that could do. */
static void check_kicks(void)
{
	volatile u64 *turns = shared(sizeof(*turns));
	struct sched s = sched_load("-i 0.05");
	u64 decisions, ticks;
	const char *line;

	spawn(last_cpu(), 0, SCHED_OTHER, wake_often, (void *)turns);
	wait_for(*turns > 100, "the sleeper to begin");
	line = last_report(&s);
	decisions = counter_in(line, "decisions");
	ticks = counter_in(line, "ticks");
	wait_for(*turns > 1000, "the sleeper to go on");
	line = last_report(&s);
	decisions = counter_in(line, "decisions") - decisions;
	ticks = counter_in(line, "ticks") - ticks;
	diag("%llu decisions in %llu ticks", (unsigned long long)decisions,
	     (unsigned long long)ticks);
	check(decisions > 2 * ticks, "%llu decisions in %llu ticks", (unsigned long long)decisions,
	      (unsigned long long)ticks);
	sched_unload(&s);
}

/* This real-time process starts so many others that it had better not keep the central CPU. */
static void check_counters(int central, const char *options)
{
	volatile u64 *turns = shared(64 * sizeof(u64));
	int i, nr = 2 * nr_cpus() + 2;
	pid_t pids[2 * nr];
	struct sched s;
	char args[64];

	pin(central == first_cpu() ? last_cpu() : first_cpu());
	snprintf(args, sizeof(args), "-i 0.1 -c %d %s", central, options);
	diag("%s:", args);
	s = sched_load(args);
	for (i = 0; i < nr; i++) {
		pids[i] = hog(i % 3 ? ANY_CPU : last_cpu(), 0, SCHED_OTHER);
		pids[nr + i] = spawn(ANY_CPU, 0, SCHED_OTHER, roam, (void *)&turns[i]);
	}
	all_go_on(pids, nr, 5 * SLICE_NS);
	for (i = 0; i < nr; i++)
		wait_for(turns[i] > 50, "every sleeper to have its turns");
	wait_for(counter(&s, "preemptions") > 10, "preemptions");
	if (!scx_is_realtime())	/* where a kick is not repeated, none is left out */
		wait_for_shared_kick(&s, central);
	if (strstr(options, "--batch 1"))
		wait_for(counter(&s, "full") > 0, "more requests than are answered at a time");

	/* of these most are waiting, since there are more than CPUs: each is taken out of its queue */
	for (i = 0; i < nr; i++)
		check(!setpriority(PRIO_PROCESS, pids[i], 1), "cannot renice a hog");
	wait_for(counter(&s, "left") > 0, "somebody to be taken back");

	stop_all(pids, 2 * nr);
	wait_for(!waiting(&s), "all that were queued to be decided or taken back");
	check(counter(&s, "elsewhere") == 0, "%llu of %llu decisions were not the central CPU's",
	      (unsigned long long)counter(&s, "elsewhere"),
	      (unsigned long long)counter(&s, "decisions"));
	sched_stayed(&s);
	sched_unload(&s);
}

SCX_TEST(central_decides, "every decision is the central CPU's, and the counters add up",
	 .only = "scx_central")
{
	need_two_cpus();
	check_counters(first_cpu(), "");
	check_counters(last_cpu(), "--batch 1 -s 2000");
	pin(first_cpu());
	check_kicks();
}
