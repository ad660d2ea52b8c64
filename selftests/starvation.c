// SPDX-License-Identifier: GPL-2.0
/*
 * starvation - nobody waits for ever, whatever the weights, and whatever happens on other CPUs
 *
 * Promised: weights count as between 10 and 1000, so that beside the heaviest task (nice -20) the
 * lightest (nice 19) still gets about every hundredth slice; and light tasks that compete on one CPU,
 * which makes vtime run fast, do not let one of two equal hogs on another CPU have it alone.
 * Since 6.12.
 */
#include "scx_test.h"

static void lightest_beside_heaviest(void)
{
	pid_t heavy = hog(last_cpu(), -20, SCHED_OTHER);
	pid_t light = hog(last_cpu(), 19, SCHED_OTHER);
	u64 before;

	wait_for(cpu_time(light) > SLICE_NS / 2, "the lightest task to run");
	before = cpu_time(heavy);
	wait_for(cpu_time(light) > SLICE_NS * 7 / 2, "the lightest task to have three slices more");
	before = cpu_time(heavy) - before;
	check(before < 500 * SLICE_NS, "three slices of nice 19 beside %llu of nice -20",
	      (unsigned long long)(before / SLICE_NS));
	stop(heavy);
	stop(light);
}

static void fast_clock_elsewhere(void)
{
	pid_t fast[2], equal[2];
	u64 done[2];
	int i;

	for (i = 0; i < 2; i++) {
		fast[i] = hog(last_cpu(), 19, SCHED_OTHER);
		equal[i] = hog(0, 0, SCHED_OTHER);
	}
	run_for(equal, 2, 20 * SLICE_NS);
	for (i = 0; i < 2; i++)
		done[i] = work(equal[i]);
	run_for(equal, 2, 100 * SLICE_NS);
	for (i = 0; i < 2; i++)
		done[i] = work(equal[i]) - done[i];
	for (i = 0; i < 2; i++)
		check(done[i] > 3 * (done[0] + done[1]) / 10, "one of two equal hogs got %.0f %%",
		      100.0 * done[i] / (done[0] + done[1]));
	for (i = 0; i < 2; i++) {
		stop(fast[i]);
		stop(equal[i]);
	}
}

SCX_TEST(starvation, "nobody starves, whatever the weights", .only = "scx_simple")
{
	struct sched s;

	need_two_cpus();
	s = sched_load("");
	lightest_beside_heaviest();
	fast_clock_elsewhere();
	sched_unload(&s);
}
