// SPDX-License-Identifier: GPL-2.0
/*
 * rt_beside - real-time tasks come first, and the others go on beside them
 *
 * Promised: beside a real-time task that takes most of a CPU, in bursts, everyone goes on: who is bound
 * to that CPU, and who is free; so does a task that is made a real-time one and a normal one again,
 * many times; the scheduler stays. Since 6.12.
 */
#include "scx_test.h"

#define BURST_NS	(3 * SLICE_NS / 2)
#define ROUNDS		5
#define CHANGES		20

/* Counts in *@arg the bursts: 30 ms, in CPU time, and a gap of 10 ms. */
static int bursts(void *arg)
{
	const struct timespec gap = { .tv_nsec = SLICE_NS / 2 };
	volatile u64 *nr = arg;

	if (set_policy(0, SCHED_FIFO))
		return 1;
	for (;; ++*nr) {
		burn_for(BURST_NS);
		nanosleep(&gap, NULL);
	}
	return 0;
}

/* A real-time hog has its CPU for itself: for a moment each time. */
static void turncoat(pid_t pid)
{
	int i;

	for (i = 0; i < CHANGES; i++) {
		check(!set_policy(pid, SCHED_FIFO), "cannot make it a real-time task");
		all_go_on(&pid, 1, SLICE_NS / 4);
		check(!set_policy(pid, SCHED_OTHER), "cannot make it a normal task");
		all_go_on(&pid, 1, SLICE_NS / 4);
	}
}

SCX_TEST(rt_beside, "beside real-time tasks everybody goes on", .policy = true)
{
	volatile u64 *nr_bursts = shared(sizeof(*nr_bursts));
	u64 before;
	pid_t hogs[4];
	struct sched s;
	int i, round;

	for (i = 0; i < (int)ARRAY_SIZE(hogs); i++)
		hogs[i] = hog(i < 2 ? last_cpu() : ANY_CPU, 0, SCHED_OTHER);
	s = sched_load("");
	spawn(last_cpu(), 0, SCHED_OTHER, bursts, (void *)nr_bursts);
	for (round = 0; round < ROUNDS; round++) {
		before = *nr_bursts;
		all_go_on(hogs, ARRAY_SIZE(hogs), SLICE_NS);
		wait_for(*nr_bursts > before, "the real-time task to go on");
	}
	turncoat(hogs[0]);
	all_go_on(hogs, ARRAY_SIZE(hogs), SLICE_NS);
	sched_stayed(&s);
	sched_unload(&s);
}
