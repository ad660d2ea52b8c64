// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_boost - -H puts tasks of nice -20 first
 *
 * Promised: a hog of nice -20 takes every other turn from those that share its queue, be it bound
 * to a CPU or not, without -H as many as they; several of them do not shut out the others, nor each other.
 * Where there are BPF timers, one also moves waiting ones to a CPU, and has them preempt. Since 6.12.
 */
#include "qmap.h"

#define NR 4

static pid_t pids[NR];

static void start_hogs(int cpu, int nr_first)
{
	int i;

	for (i = 0; i < NR; i++)
		pids[i] = hog(cpu, i < nr_first ? -20 : -15, SCHED_OTHER);
}

/* Who goes without the timer says so. */
static void unload(struct sched *s, bool boosting)
{
	if (!boosting || !scx_is_realtime()) {
		sched_unload(s);
		return;
	}
	check_one_line(s->err, "PREEMPT_RT");
	kill(s->pid, SIGTERM);
	check(!sched_end(s), "it did not end well: %s", text(s->err));
}

/*
 * Slices end with a tick. These end between two, be they 1, 4 or 10 ms apart, so that two are twice
 * as many ticks.
 */
static void share(bool boosting, const int *weights)
{
	struct sched s = sched_load(boosting ? "-H -s 18500" : "-s 18500");

	start_hogs(last_cpu(), 1);
	check_shares(pids, weights, NR);
	stop_all(pids, NR);
	unload(&s, boosting);
}

/* Long slices, so that ops.dispatch is seldom called, and the timer comes first. */
static void timer(void)
{
	struct sched s = sched_load("-H -s 300000");
	int i, nr = 2 * nr_cpus();
	pid_t hogs[nr];
	u64 ran[nr];

	for (i = 0; i < nr; i++)
		hogs[i] = hog(ANY_CPU, i % 4 ? -20 : -15, SCHED_OTHER);
	wait_for(map_counter("preempted", ALL_CPUS) > 2, "the timer to move tasks");
	for (i = 0; i < nr; i++)
		ran[i] = cpu_time(hogs[i]);
	run_for(hogs, nr, nr * 150 * SLICE_NS);
	for (i = 0; i < nr; i++) {
		ran[i] = cpu_time(hogs[i]) - ran[i];
		check(ran[i] > (i % 4 ? 75 : 25) * SLICE_NS, "hog %d ran for %llu of %llu ms", i,
		      (unsigned long long)ran[i] / 1000000,
		      (unsigned long long)(nr * 150 * SLICE_NS) / 1000000);
	}
	stop_all(hogs, nr);
	sched_unload(&s);
}

/* Turns last a second. Who comes first waits for the timer, ten times a second, not for the end of a turn. */
static void preempts(void)
{
	struct sched s = sched_load("-H -s 1000000");
	volatile u64 *turns = shared(sizeof(*turns));
	int i, nr = 2 * nr_cpus();
	pid_t hogs[nr];
	u64 elapsed;

	for (i = 0; i < nr; i++)
		hogs[i] = hog(ANY_CPU, 10, SCHED_OTHER);
	spawn(ANY_CPU, -20, SCHED_OTHER, doze, (void *)turns);
	wait_for(*turns, "a task of nice -20 to run");
	*turns = 0;
	elapsed = run_for(hogs, nr, nr * 50 * SLICE_NS);
	check(*turns * 7 * SLICE_NS > elapsed, "nice -20 ran %llu times in %llu ms",
	      (unsigned long long)*turns, (unsigned long long)elapsed / 1000000);
	stop_all(hogs, nr);
	sched_unload(&s);
}

SCX_TEST(qmap_boost, "-H: nice -20 comes first, from ops.dispatch and from a timer",
	 .only = "scx_qmap")
{
	share(false, (const int []){ 1, 1, 1, 1 });
	share(true, (const int []){ 6, 1, 1, 1 });
	if (scx_is_realtime())
		return;
	timer();
	preempts();
}
