// SPDX-License-Identifier: GPL-2.0
/*
 * userland_some - tasks that may run on some CPUs only are scheduled by the policy all the same
 *
 * Promised: of four hogs that may run on two of the CPUs, each gets, within 10 %, the share that its
 * weight stands for, while all other CPUs are idle. Needs four CPUs: scripts/vm -c 4. Since 6.12.
 */
#include "userland.h"

static void bind_to_first_two(pid_t pid)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CPU_SET(1, &set);
	check(!sched_setaffinity(pid, sizeof(set), &set), "sched_setaffinity: %s", strerror(errno));
}

SCX_TEST(userland_some, "hogs on two of four CPUs share them by weight", .only = "scx_userland")
{
	struct sched s;
	pid_t pids[4];
	int i;

	if (nr_cpus() < 4)
		skip("needs four CPUs");
	s = sched_load("");
	for (i = 0; i < 4; i++) {
		pids[i] = hog(ANY_CPU, i % 2 ? 5 : 0, SCHED_OTHER);
		bind_to_first_two(pids[i]);
	}
	check_shares(pids, (int[]){ 100, 33, 100, 33 }, 4);
	sched_unload(&s);
}
