// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_handed_back - who loses its CPU to a real-time task goes on elsewhere at once
 *
 * Promised: when a real-time task takes a CPU, the task that ran there, and those that wait in its
 * local queue (-b), are handed back, and an idle CPU takes them. How it is done differs:
 * ops.cpu_release to 6.18, sched_switch from 6.19, SCX_ENQ_IMMED from 7.1. However often it happens,
 * everybody has his turn. Since 6.12.
 */
#include "qmap.h"

/* Takes the last CPU for 15 slices. */
static int realtime(void *arg)
{
	(void)arg;
	if (set_policy(0, SCHED_FIFO))
		return 1;
	burn_for(15 * SLICE_NS);
	return 0;
}

/*
 * How much @pids get to run while the real-time task has the last CPU, as a share of the time. None of
 * them is left out.
 */
static double share_beside(const pid_t *pids, int nr)
{
	pid_t rt = spawn(last_cpu(), 0, SCHED_OTHER, realtime, NULL);
	u64 start, before[nr], ran, sum = 0;
	int i;

	all_go_on(&rt, 1, SLICE_NS);
	start = now_ns();
	for (i = 0; i < nr; i++)
		before[i] = cpu_time(pids[i]);
	wait_for_end(rt, "the real-time task to end");
	for (i = 0; i < nr; i++) {
		ran = cpu_time(pids[i]) - before[i];
		check(ran > SLICE_NS / 2, "one of %d hogs ran for %llu us beside a real-time task", nr,
		      (unsigned long long)ran / 1000);
		sum += ran;
	}
	return (double)sum / (now_ns() - start);
}

/* With @queued, until some were handed back who were waiting in the CPU's local queue. */
static void try(const char *args, int nr, bool queued)
{
	struct sched s = sched_load(args);
	u64 start, handed_back;
	double share;
	pid_t pids[nr];
	int i, round;

	for (i = 0; i < nr; i++)
		pids[i] = hog(i ? ANY_CPU : last_cpu(), 0, SCHED_OTHER);
	all_go_on(pids, nr, SLICE_NS);
	check(!set_affinity(pids[0], ANY_CPU), "cannot free %d", pids[0]);
	start = map_counter("handed_back", last_cpu());
	for (round = 1; round <= 50; round++) {
		share = share_beside(pids, nr);
		check(share > 0.8, "%d hogs used %.0f %% of a CPU beside a real-time task", nr,
		      100 * share);
		handed_back = map_counter("handed_back", last_cpu()) - start;
		/* each round hands back at least who has the CPU */
		if (handed_back >= (queued ? round + 3u : 1))
			break;
	}
	check(round <= 50, "%llu were handed back in 50 rounds", (unsigned long long)handed_back);
	stop_all(pids, nr);
	sched_unload(&s);
}

/*
 * With real-time tasks on all CPUs there is always somebody handed back, both of those bound to a CPU
 * and of the others. Neither of them, nor who waits for his turn, is left out.
 */
static void all_take_turns(void)
{
	struct rhythm brief = { .work = 200, .rest = 3800 };
	struct sched s = sched_load("");
	pid_t hogs[7], rts[2];
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(hogs); i++)
		hogs[i] = hog(i == 0 ? ANY_CPU : i % 2 ? first_cpu() : last_cpu(), 0, SCHED_OTHER);
	rts[0] = spawn(first_cpu(), 0, SCHED_OTHER, now_and_then, &brief);
	rts[1] = spawn(last_cpu(), 0, SCHED_OTHER, now_and_then, &brief);
	for (i = 0; i < 5; i++)
		all_go_on(hogs, ARRAY_SIZE(hogs), SLICE_NS);
	sched_stayed(&s);
	stop_all(rts, ARRAY_SIZE(rts));
	stop_all(hogs, ARRAY_SIZE(hogs));
	sched_unload(&s);
}

/*
 * A real-time task has the first CPU for nine tenths of the time, so that whenever the last one looks for
 * work somebody is handed back. A hog that is bound to that CPU gets his third of it all the same.
 */
static void bound_one_takes_turns(void)
{
	struct rhythm greedy = { .work = 9000, .rest = 1000 };
	struct sched s = sched_load("");
	pid_t pids[3], rt;
	double share;
	u64 start;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(pids); i++)
		pids[i] = hog(i ? ANY_CPU : last_cpu(), 0, SCHED_OTHER);
	rt = spawn(first_cpu(), 0, SCHED_OTHER, now_and_then, &greedy);
	all_go_on(&rt, 1, SLICE_NS);
	start = now_ns();
	share = -(double)cpu_time(pids[0]);
	all_go_on(&rt, 1, 90 * SLICE_NS);
	share = (share + cpu_time(pids[0])) / (now_ns() - start);
	check(share > 0.25, "a hog that is bound to a CPU got %.0f %% of it", 100 * share);
	sched_stayed(&s);
	sched_unload(&s);
}

SCX_TEST(qmap_handed_back, "a real-time task takes the CPU: who was there goes on elsewhere",
	 .only = "scx_qmap")
{
	need_two_cpus();
	try("", 1, false);
	try("-b 4", 8, true);
	all_take_turns();
	bound_one_takes_turns();
}
