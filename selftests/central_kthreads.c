// SPDX-License-Identifier: GPL-2.0
/*
 * central_kthreads - a CPU's own kthreads wait for nobody
 *
 * Promised: while hogs with long slices keep every CPU busy, work that the kernel hands to a kthread of
 * each CPU is done long before a turn ends; so that of 50 rounds of it, each of which would take
 * at least a turn if the kthreads had to wait for theirs, all take a few turns together. Since 6.12.
 */
#include "scx_test.h"

#define ROUNDS	50

/* Has a worker on each CPU add up the kernel's memory counters, and waits for them. */
#define EACH_CPU "/proc/sys/vm/stat_refresh"

SCX_TEST(central_kthreads, "a CPU's own kthreads wait for nobody", .only = "scx_central")
{
	int i, nr = 2 * nr_cpus();
	struct sched s;
	pid_t pids[nr];
	u64 ran = 0;

	if (access(EACH_CPU, W_OK))
		skip("this kernel has no " EACH_CPU);
	s = sched_load("-s 100000");
	for (i = 0; i < nr; i++)
		pids[i] = hog(i % 2 ? last_cpu() : first_cpu(), 0, SCHED_OTHER);
	all_go_on(pids, nr, SLICE_NS);
	for (i = 0; i < nr; i++)
		ran -= cpu_time(pids[i]);
	for (i = 0; i < ROUNDS; i++)
		check(!write_file(EACH_CPU, "1"), "cannot write to " EACH_CPU);
	for (i = 0; i < nr; i++)
		ran += cpu_time(pids[i]);
	diag("%d rounds took %llu ms of the hogs' time", ROUNDS, (unsigned long long)ran / 1000000);
	check(ran < ROUNDS * 5 * SLICE_NS / 4, "%d rounds took %llu turns", ROUNDS,
	      (unsigned long long)ran / (5 * SLICE_NS));
	sched_unload(&s);
}
