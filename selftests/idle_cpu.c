// SPDX-License-Identifier: GPL-2.0
/*
 * idle_cpu - a CPU that is idle is used at once
 *
 * Promised: as many hogs as there are CPUs leave no CPU idle; and a task that wakes up where a hog
 * runs, while another CPU is idle, runs on the idle one. Since 6.12.
 */
#include "scx_test.h"

#define WAKEUPS	50

/* As many hogs as CPUs: a CPU that idles leaves one of them waiting. */
static void all_busy(void)
{
	int i, nr = nr_cpus();
	u64 idle[nr], elapsed;
	pid_t pids[nr];

	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	run_for(pids, nr, nr * SLICE_NS);
	for (i = 0; i < nr; i++)
		idle[i] = idle_time(i);
	elapsed = run_for(pids, nr, 50 * nr * SLICE_NS);
	for (i = 0; i < nr; i++) {
		double share = (double)(idle_time(i) - idle[i]) / elapsed;

		check(share < 0.1, "CPU %d was idle for %.0f %% of the time", i, 100 * share);
		stop(pids[i]);
	}
}

static bool elsewhere(int cpu)
{
	return cpu != last_cpu();
}

static void wakes_up_elsewhere(void)
{
	int nr = wake_up_beside_hog(WAKEUPS, elsewhere);

	/* something else may run on the other CPU when it wakes up, now and then */
	check(nr > WAKEUPS * 8 / 10, "of %d wakeups, %d used the idle CPU", WAKEUPS, nr);
}

SCX_TEST(idle_cpu, "an idle CPU is used at once", .policy = true)
{
	struct sched s;

	need_two_cpus();
	s = sched_load("");
	all_busy();
	wakes_up_elsewhere();
	sched_unload(&s);
}
