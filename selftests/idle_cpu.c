// SPDX-License-Identifier: GPL-2.0
/*
 * idle_cpu - a CPU that is idle is used at once
 *
 * Promised: as many hogs as there are CPUs leave no CPU idle; and a task that wakes up where a hog
 * runs, while another CPU is idle, runs on the idle one. Since 6.12.
 */
#include "scx_test.h"

#define WAKEUPS 50

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

/* Again and again fall asleep on the hog's CPU; count in *@arg how often it wakes up elsewhere. */
static int wake_up(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int *elsewhere = arg;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		pin(last_cpu());
		pin(ANY_CPU);
		nanosleep(&ms, NULL);
		*elsewhere += sched_getcpu() != last_cpu();
	}
	return 0;
}

static void wakes_up_elsewhere(void)
{
	int *elsewhere = shared(sizeof(*elsewhere));
	pid_t task;

	hog(last_cpu(), 0, SCHED_OTHER);
	task = spawn(ANY_CPU, 0, SCHED_OTHER, wake_up, elsewhere);
	/* who is busy on the other CPU, be it with looking, has it take the task */
	wait_for_end(task, "a task to wake up often enough");
	/* something else may run on the other CPU when it wakes up, now and then */
	check(*elsewhere > WAKEUPS * 8 / 10, "of %d wakeups, %d used the idle CPU", WAKEUPS, *elsewhere);
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
