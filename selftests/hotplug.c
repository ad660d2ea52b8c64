// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug - a scheduler starts anew by itself when CPUs come or go
 *
 * Promised: when a CPU goes offline, and when it comes back, the kernel ends the scheduler and its
 * loader starts it again, saying so in two lines on stderr; load goes on meanwhile. scx_qmap stays
 * instead, see qmap_options. Since 6.12.
 */
#include "scx_test.h"

static void restarts(struct sched *s, int times)
{
	wait_for(sched_runs(s, 1 + times), "the scheduler to be enabled again");
	check(count_lines(s->err, ": restarting") == times, "on stderr: %s", text(s->err));
	check(count_lines(s->err, "EXIT: ") == times, "on stderr: %s", text(s->err));
}

SCX_TEST(hotplug, "a CPU goes offline and comes back: the loader restarts it",
	 .except = "scx_qmap")
{
	struct sched s;
	int cpu;

	need_two_cpus();
	cpu = last_cpu();
	load_all_cpus();
	s = sched_load("");
	if (!take_offline(cpu))
		skip("this kernel cannot take CPUs offline: CONFIG_HOTPLUG_CPU");
	restarts(&s, 1);
	take_back(cpu);
	restarts(&s, 2);
	check(count_lines(s.err, "going offline") == 1 && count_lines(s.err, "going online") == 1,
	      "on stderr: %s", text(s.err));
	sched_unload(&s);
}
