// SPDX-License-Identifier: GPL-2.0
/*
 * central_core - core scheduling: a CPU chooses for its sibling, and nothing locks up
 *
 * Promised: tasks that must not share a core, each with a cookie of its own, all go on, whichever of
 * the core's CPUs chooses; nobody but the central CPU moves tasks, and the counters add up. Needs
 * CONFIG_SCHED_CORE and CPUs with SMT. Since 6.12.
 */
#include "central.h"

#define NR	6

SCX_TEST(central_core, "core scheduling: each task its own cookie, and all go on",
	 .only = "scx_central")
{
	pid_t pids[NR];
	struct sched s;
	int i;

	need_core_scheduling();
	s = sched_load("-i 0.2");
	for (i = 0; i < NR; i++)
		pids[i] = lone_hog(0);
	all_go_on(pids, NR, 8 * SLICE_NS);
	stop_all(pids, NR);
	wait_for(!waiting(&s), "all that were queued to be decided or taken back");
	check(!counter(&s, "elsewhere"), "%llu decisions were not the central CPU's",
	      (unsigned long long)counter(&s, "elsewhere"));
	sched_stayed(&s);
	sched_unload(&s);
}
