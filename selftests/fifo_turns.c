// SPDX-License-Identifier: GPL-2.0
/*
 * fifo_turns - with -f tasks take equal turns, whatever their weights
 *
 * Promised: three CPU hogs of different nice values that are pinned to the same CPU each get a third
 * of it, within 10 %. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(fifo_turns, "-f: hogs on one CPU take equal turns, whatever their weights",
	 .only = "scx_simple")
{
	static const int equal[] = { 1, 1, 1 };
	struct sched s = sched_load("-f");
	pid_t pids[3];
	int i;

	for (i = 0; i < 3; i++)
		pids[i] = hog(last_cpu(), 5 * i, SCHED_OTHER);
	check_shares(pids, equal, 3);
	sched_unload(&s);
}
