// SPDX-License-Identifier: GPL-2.0
/*
 * userland_core - core scheduling: a CPU chooses for its sibling, and nothing locks up
 *
 * Promised: tasks that must not share a core, each with a cookie of its own, all go on, whichever of
 * the core's CPUs chooses, while user space decides and while its process is stopped. Needs
 * CONFIG_SCHED_CORE and CPUs with SMT. Since 6.12.
 */
#include "userland.h"

#define NR	6

SCX_TEST(userland_core, "core scheduling: each task its own cookie, and all go on",
	 .only = "scx_userland")
{
	pid_t pids[NR];
	struct sched s;
	int i;

	need_core_scheduling();
	s = sched_load("-i 0.2");
	for (i = 0; i < NR; i++)
		pids[i] = lone_hog(0);
	all_go_on(pids, NR, 4 * SLICE_NS);
	wait_for(counter(&s, "user_disp") > NR, "user space to decide");
	halt(&s);
	all_go_on(pids, NR, 4 * SLICE_NS);
	kill(s.pid, SIGCONT);
	all_go_on(pids, NR, 2 * SLICE_NS);
	sched_stayed(&s);
	sched_unload(&s);
}
