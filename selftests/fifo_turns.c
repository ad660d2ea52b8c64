// SPDX-License-Identifier: GPL-2.0
/*
 * fifo_turns - with -f tasks take equal turns, whatever their weights
 *
 * Promised: three CPU hogs of different nice values that are pinned to the same CPU each get a third
 * of it, within 10 %. Each turn is counted as one of the shared queue, and who wakes up and finds an
 * idle CPU as one that went there. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(fifo_turns, "-f: hogs on one CPU take equal turns, whatever their weights",
	 .only = "scx_simple")
{
	static const int equal[] = { 1, 1, 1 };
	struct sched s = sched_load("-f -i 0.1");
	u64 ran, turns;
	pid_t pids[3];
	int i;

	for (i = 0; i < 3; i++)
		pids[i] = hog(last_cpu(), 5 * i, SCHED_OTHER);
	ran = cpu_time(pids[0]);
	turns = counter(&s, "global");
	check_shares(pids, equal, 3);
	ran = (cpu_time(pids[0]) - ran) / SLICE_NS;
	check(counter(&s, "global") - turns > 2 * ran, "%llu turns of one task, %llu counted for all",
	      (unsigned long long)ran, (unsigned long long)(counter(&s, "global") - turns));
	for (i = 0; i < 3; i++)
		stop(pids[i]);

	napper();
	turns = counter(&s, "local");
	wait_for(counter(&s, "local") > turns + 20, "who finds an idle CPU to be counted");
	sched_unload(&s);
}
