// SPDX-License-Identifier: GPL-2.0
/*
 * userland_bound - a hog goes where it is alone
 *
 * Promised: who may run on other CPUs as well leaves its own to those who may not, when its turn is over and
 * another CPU is idle. It does not take two turns for each of theirs; nor do those on whom nobody is asked
 * (-l) take the turns of the others. Since 6.12; not on PREEMPT_RT, where no task is meant for a CPU (see
 * ready_dsq() of the scheduler).
 */
#include <time.h>
#include "userland.h"

#define SLEEPERS	4
#define WAKEUPS		100	/* of each */

/* Leaves in *@arg its longest wait, in ns. */
static int sleeper(void *arg)
{
	const struct timespec gap = { .tv_nsec = 7300000 };
	volatile u64 *longest = arg;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		u64 waited = now_ns() + gap.tv_nsec;

		nanosleep(&gap, NULL);
		waited = now_ns() - waited;
		if (waited > *longest)
			*longest = waited;
	}
	return 0;
}

/*
 * With -l the process is not asked about who may run on one CPU only: such tasks, and those on which it
 * decides, take turns.
 */
static void unasked_take_turns(void)
{
	struct sched s = sched_load("-l");
	u64 took, before[4];
	pid_t pids[4];
	double share;
	int i;

	pids[0] = hog(first_cpu(), 0, SCHED_OTHER);
	pids[1] = hog(last_cpu(), 0, SCHED_OTHER);
	pids[2] = hog(ANY_CPU, 0, SCHED_OTHER);
	pids[3] = hog(ANY_CPU, 0, SCHED_OTHER);
	all_go_on(pids, 4, 1);
	for (i = 0; i < 4; i++)
		before[i] = cpu_time(pids[i]);
	took = run_for(pids, 4, 100 * SLICE_NS);
	for (i = 0; i < 4; i++) {
		share = (double)(cpu_time(pids[i]) - before[i]) / took;
		diag("%s: %.2f", i < 2 ? "bound" : "free", share);
		check(share > 0.25, "it got less than it should of a CPU");
	}
	stop_all(pids, 4);
	sched_unload(&s);
}

SCX_TEST(userland_bound, "who may run elsewhere leaves a CPU to those who may not",
	 .only = "scx_userland")
{
	u64 *longest = shared(SLEEPERS * sizeof(*longest));
	pid_t pids[SLEEPERS];
	struct sched s;
	int i;

	if (scx_is_realtime())
		skip("PREEMPT_RT lets no scheduler use a timer");
	need_two_cpus();
	unasked_take_turns();
	s = sched_load("");
	hog(ANY_CPU, 0, SCHED_OTHER);
	for (i = 0; i < SLEEPERS; i++)
		pids[i] = spawn(i % 2 ? last_cpu() : first_cpu(), 0, SCHED_OTHER, sleeper,
				&longest[i]);
	for (i = 0; i < SLEEPERS; i++) {
		wait_for_end(pids[i], "a task to wake up often");
		check(longest[i] < 3 * SLICE_NS, "one waited for %llu us",
		      (unsigned long long)longest[i] / 1000);
	}
	sched_unload(&s);
}
