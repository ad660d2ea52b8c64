// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_boost - -H puts tasks of nice -20 first
 *
 * Promised: a hog of nice -20 takes every other turn from those that share its queue, be it bound
 * to a CPU or not, without -H as many as they; two of them do not shut out the others. Where there
 * are BPF timers, one also moves waiting ones to a CPU, and has them preempt. Since 6.12.
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

	start_hogs(ANY_CPU, 3);
	wait_for(map_counter("preempted", ALL_CPUS) > 2, "the timer to move tasks");
	all_go_on(pids, NR, SLICE_NS);
	stop_all(pids, NR);
	sched_unload(&s);
}

SCX_TEST(qmap_boost, "-H: nice -20 comes first, from ops.dispatch and from a timer",
	 .only = "scx_qmap")
{
	share(false, (const int []){ 1, 1, 1, 1 });
	share(true, (const int []){ 6, 1, 1, 1 });
	if (!scx_is_realtime())
		timer();
}
