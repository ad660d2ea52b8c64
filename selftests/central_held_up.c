// SPDX-License-Identifier: GPL-2.0
/*
 * central_held_up - a hog of the fair class on the central CPU: a warning, and others go on
 *
 * Promised: with -p, while a SCHED_OTHER hog keeps the central CPU, the loader says in one line that
 * decisions are late. They are late, not missing: requests are repeated, and SCHED_EXT tasks on another
 * CPU, hogs and one that sleeps, go on and share it. Where there are three CPUs and a SCHED_OTHER hog
 * has one of them, who may run on this and on another one goes on as well. On PREEMPT_RT, where there
 * is no timer, they go on once the hog is gone. Since 6.12.
 */
#include "scx_test.h"

/* Four of them, so that each CPU is chosen for one. */
static void either_cpu(int cpu, int other)
{
	cpu_set_t set;
	pid_t pids[4];
	int i;

	/* first: who runs there already would have to wait until it is gone */
	hog(other, 0, SCHED_OTHER);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CPU_SET(other, &set);
	for (i = 0; i < (int)ARRAY_SIZE(pids); i++) {
		pids[i] = hog(cpu, 0, SCHED_EXT);
		check(!sched_setaffinity(pids[i], sizeof(set), &set), "cannot set its CPUs");
	}
	all_go_on(pids, ARRAY_SIZE(pids), 5 * SLICE_NS);
}

SCX_TEST(central_held_up, "-p: a fair hog on the central CPU is warned of, and others go on",
	 .only = "scx_central")
{
	volatile u64 *turns = shared(sizeof(*turns));
	pid_t keeper, pids[2];
	struct sched s;
	int i;

	need_two_cpus();
	s = sched_load("-p -i 0.1");
	keeper = hog(first_cpu(), 0, SCHED_OTHER);
	spawn(last_cpu(), 0, SCHED_EXT, doze, (void *)turns);
	if (!scx_is_realtime()) {
		wait_for(*turns > 20, "who sleeps to go on");
		wait_for(counter(&s, "rekicks") > 0, "the timer to repeat a kick");
	}
	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_EXT);
	if (!scx_is_realtime())
		all_go_on(pids, 2, 10 * SLICE_NS);
	wait_for(count_lines(s.err, "is kept busy by tasks of another class") == 1, "the warning");
	if (scx_is_realtime())
		stop(keeper);
	all_go_on(pids, 2, 10 * SLICE_NS);
	if (nr_cpus() > 2)
		either_cpu(last_cpu(), last_cpu() - 1);
	kill(s.pid, SIGTERM);
	check(sched_end(&s) == 0, "asked to end, its status is not 0: %s", text(s.err));
	check_one_line(s.err, "kept busy");
}
