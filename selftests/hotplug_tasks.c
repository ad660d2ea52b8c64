// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug_tasks - tasks go on while CPUs come and go, and the scheduler is still there
 *
 * Promised: a CPU goes offline under load, and comes back, twice, or 50 times with LONG=1; each time
 * every task goes on, who was bound to that CPU as well, and the scheduler is enabled, be it that it
 * stayed, or that its loader started it anew. Before a CPU leaves, the kernel waits for all who are
 * interrupted where they read what RCU protects; meanwhile that CPU looks idle, and takes nobody. So
 * there are some who read, and may run on another CPU only. Since 6.12.
 */
#include "scx_test.h"

#define READERS	4

/* Reads the CPU time of its process, which is under RCU. */
static int reader(void *arg __attribute__((unused)))
{
	struct timespec ts;

	for (;;)
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return 0;
}

/* Its loader may be about to start it anew: what comes first is that tasks go on. */
static void still_there(struct sched *s, const pid_t *pids, int nr)
{
	all_go_on(pids, nr, 2 * SLICE_NS);
	wait_for(sched_runs(s, 1), "the scheduler to be enabled again");
	all_go_on(pids, nr, SLICE_NS);
}

SCX_TEST(hotplug_tasks, "CPUs go offline and come back: tasks go on, the scheduler is still there",
	 .policy = true)
{
	int i, round, cpu, nr_hogs = 2 * nr_cpus(), nr = nr_hogs + READERS, rounds = is_long() ? 50 : 2;
	pid_t pids[nr];
	struct sched s;

	need_two_cpus();
	cpu = last_cpu();
	for (i = 0; i < nr; i++)
		pids[i] = i < nr_hogs ? hog(i ? ANY_CPU : cpu, 0, SCHED_OTHER) :
				spawn(first_cpu(), 0, SCHED_OTHER, reader, NULL);
	s = sched_load("");
	for (round = 0; round < rounds; round++) {
		pid_t bound;

		if (!take_offline(cpu))
			skip("this kernel cannot take CPUs offline: CONFIG_HOTPLUG_CPU");
		still_there(&s, pids, nr);
		take_back(cpu);
		still_there(&s, pids, nr);
		bound = hog(cpu, 0, SCHED_OTHER);
		all_go_on(&bound, 1, SLICE_NS);
		stop(bound);
	}
	sched_unload(&s);
}
