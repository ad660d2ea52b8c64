// SPDX-License-Identifier: GPL-2.0
/*
 * loader_killed - when its loader dies, a scheduler goes without a trace
 *
 * Promised: SIGKILL of the loader under load, 20 times: each time the kernel's own scheduler takes
 * over and every task goes on. Since 6.12.
 */
#include "scx_test.h"

#define TIMES 20

SCX_TEST(loader_killed, "SIGKILL of the loader under load, and a new start: tasks go on, 20 times",
	 .policy = true)
{
	int i, round, nr = 2 * nr_cpus();
	pid_t pids[nr];

	/* light hogs, so that the loader, which has to start as often, gets what it needs of a CPU */
	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 10, SCHED_OTHER);
	for (round = 0; round < TIMES; round++) {
		struct sched s = sched_load("");

		run_for(pids, nr, nr * SLICE_NS);
		kill(s.pid, SIGKILL);
		check(sched_end(&s) == 128 + SIGKILL, "the loader ended by itself: %s", text(s.err));
		wait_for(kernel_state("disabled"), "the kernel to take over");
		all_go_on(pids, nr, 1);
	}
}
