// SPDX-License-Identifier: GPL-2.0
/*
 * start_stop - a scheduler loads and unloads under load
 *
 * Promised: it is enabled and takes over the normal tasks; asked to end, with SIGINT or SIGTERM, its
 * loader ends and the kernel's own scheduler is back in charge. Under load, six times, and each time
 * every task goes on. Since 6.12.
 */
#include "scx_test.h"

#define TIMES 6

SCX_TEST(start_stop, "loads and unloads under load: tasks go on, 6 times", .policy = true)
{
	int i, round, nr = 2 * nr_cpus();
	pid_t pids[nr];

	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	for (round = 0; round < TIMES; round++) {
		struct sched s = sched_load("");

		all_go_on(pids, nr, SLICE_NS);
		check(on_scx(pids[0]), "it is enabled, yet a normal task is not its own");
		sched_stayed(&s);
		kill(s.pid, round % 2 ? SIGTERM : SIGINT);
		sched_end(&s);
		wait_for(kernel_state("disabled"), "the kernel to take over");
		all_go_on(pids, nr, SLICE_NS);
	}
}
