// SPDX-License-Identifier: GPL-2.0
/*
 * fifo_turns - with -f tasks take equal turns, whatever their weights
 *
 * Promised: three CPU hogs of different nice values that are pinned to the same CPU each get a third
 * of it, within 10 %. Since 6.12.
 */
#include "scx_test.h"

#define NR 3

SCX_TEST(fifo_turns, "-f: hogs on one CPU take equal turns, whatever their weights",
	 .only = "scx_simple")
{
	struct sched s = sched_load("-f");
	pid_t pids[NR];
	u64 used[NR];
	int i;

	for (i = 0; i < NR; i++)
		pids[i] = hog(last_cpu(), 5 * i, SCHED_OTHER);
	meter(pids, used, NR, NR * 40 * SLICE_NS);
	for (i = 0; i < NR; i++) {
		double got = (double)used[i] / (used[0] + used[1] + used[2]);

		check(got > 0.9 / NR && got < 1.1 / NR, "nice %d got %.1f %% of the CPU, not %.1f %%",
		      5 * i, 100 * got, 100.0 / NR);
	}
	sched_unload(&s);
}
