// SPDX-License-Identifier: GPL-2.0
/*
 * central_turns - hogs take equal turns, as long as the slice
 *
 * Promised: three hogs of different nice values that are bound to a CPU each get a third of it,
 * within 10 %, on the central CPU and on another one; on average a turn lasts as long as -s says, and
 * not more than 2.5 ms longer, though a slice has no end for the kernel; a bit shorter if the CPU's
 * kthreads, which come first, end some. Who yields gives way, on either CPU. Who preempts another task
 * does so at once, also if it was on another CPU before (not looked at on PREEMPT_RT). Since 6.12.
 */
#include "scx_test.h"

/* The test interrupts the first CPU by looking, so there a task gets it more often. */
static void check_length(const pid_t *pids, int nr, u64 slice)
{
	u64 ran = cpu_time(pids[0]), nr_turns = task_turns(pids[0]);
	double length;

	run_for(pids, nr, 30 * nr * slice);
	ran = cpu_time(pids[0]) - ran;
	nr_turns = task_turns(pids[0]) - nr_turns;
	length = (double)ran / nr_turns / slice;
	check(length > 0.6 && length < 1 + 2500000.0 / slice,
	      "a turn lasts %.2f slices of %llu us", length, (unsigned long long)slice / 1000);
}

static void take_turns(int cpu, u64 slice, bool length)
{
	static const int equal[] = { 1, 1, 1 };
	pid_t pids[ARRAY_SIZE(equal)];
	int i;

	diag("CPU %d, slice %llu us:", cpu, (unsigned long long)slice / 1000);
	for (i = 0; i < (int)ARRAY_SIZE(pids); i++)
		pids[i] = hog(cpu, 5 * i, SCHED_OTHER);
	check_shares(pids, equal, ARRAY_SIZE(pids));
	if (length)
		check_length(pids, ARRAY_SIZE(pids), slice);
	stop_all(pids, ARRAY_SIZE(pids));
}

static int give_way(void *arg)
{
	for (;; ++*(volatile u64 *)arg)
		sched_yield();
	return 0;
}

/* Two that do nothing else: each has to get the CPU about as often as it has yielded. */
static void check_yield(int cpu)
{
	volatile u64 *times = shared(2 * sizeof(*times));
	u64 yields, nr;
	pid_t pids[2];
	int i;

	for (i = 0; i < 2; i++)
		pids[i] = spawn(cpu, 0, SCHED_OTHER, give_way, (void *)&times[i]);
	wait_for(times[0] && times[1], "both to begin");
	yields = times[0];
	nr = task_turns(pids[0]);
	wait_for(times[0] > yields + 200, "them to go on");
	yields = times[0] - yields;
	nr = task_turns(pids[0]) - nr;
	diag("CPU %d: yielded %llu times, had %llu turns", cpu, (unsigned long long)yields,
	     (unsigned long long)nr);
	check(2 * nr > yields, "yielded %llu times, had %llu turns", (unsigned long long)yields,
	      (unsigned long long)nr);
	stop_all(pids, 2);
}

/* Hogs that go from CPU to CPU: who preempts need not have been there before, and does not wait for the timer. */
static void check_preemptions(void)
{
	struct sched s = sched_load("-i 0.05 -s 4000");
	int i, nr = nr_cpus() + 1;
	u64 preemptions, resched;
	pid_t hogs[nr];
	const char *line;

	for (i = 0; i < nr; i++)
		hogs[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	run_for(hogs, nr, nr * SLICE_NS);
	line = last_report(&s);
	preemptions = counter_in(line, "preemptions");
	resched = counter_in(line, "resched");
	run_for(hogs, nr, nr * 20 * SLICE_NS);
	line = last_report(&s);
	preemptions = counter_in(line, "preemptions") - preemptions;
	resched = counter_in(line, "resched") - resched;
	check(resched < preemptions / 4, "of %llu preemptions, %llu were late",
	      (unsigned long long)preemptions, (unsigned long long)resched);
	stop_all(hogs, nr);
	sched_unload(&s);
}

SCX_TEST(central_turns, "hogs take equal turns, as long as the slice", .only = "scx_central")
{
	struct sched s;

	need_two_cpus();
	if (!task_turns(getpid()))
		skip("this kernel has no /proc/PID/schedstat: CONFIG_SCHED_INFO");
	s = sched_load("");
	take_turns(last_cpu(), SLICE_NS, true);
	take_turns(first_cpu(), SLICE_NS, false);
	check_yield(last_cpu());
	check_yield(first_cpu());
	sched_unload(&s);
	s = sched_load("-s 4000");
	take_turns(last_cpu(), SLICE_NS / 5, true);
	sched_unload(&s);
	if (!scx_is_realtime())		/* without a timer it looks again and again, before the other CPU has */
		check_preemptions();
}
