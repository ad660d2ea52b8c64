// SPDX-License-Identifier: GPL-2.0
/*
 * userland_sleeper - the policy makes the difference
 *
 * Promised: beside two hogs on its CPU, a task that sleeps, and works for half a millisecond when
 * it wakes up, waits less with the policy deadline than with vruntime. Since 6.12.
 */
#include <time.h>
#include "userland.h"

#define WAKEUPS	60

/* Adds up in *@arg for how long it waited. */
static int sleeper(void *arg)
{
	const struct timespec gap = { .tv_nsec = 7300000 };
	volatile u64 *waited = arg;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		u64 due = now_ns() + gap.tv_nsec;

		nanosleep(&gap, NULL);
		*waited += now_ns() - due;
		burn_for(500000);
	}
	return 0;
}

/* For how long it waits on average, in us. */
static u64 waits_with(const char *args)
{
	u64 *waited = shared(sizeof(*waited));
	struct sched s = sched_load(args);
	pid_t hogs[2];
	int i;

	for (i = 0; i < 2; i++)
		hogs[i] = hog(last_cpu(), 0, SCHED_OTHER);
	all_go_on(hogs, 2, 2 * SLICE_NS);
	wait_for_end(spawn(last_cpu(), 0, SCHED_OTHER, sleeper, waited), "a task to wake up often");
	stop_all(hogs, 2);
	sched_unload(&s);
	return *waited / WAKEUPS / 1000;
}

SCX_TEST(userland_sleeper, "deadline serves a sleeper sooner than vruntime",
	 .only = "scx_userland")
{
	u64 vruntime = waits_with("--policy vruntime");
	u64 deadline = waits_with("--policy deadline");

	diag("mean wait: vruntime %llu us, deadline %llu us", (unsigned long long)vruntime,
	     (unsigned long long)deadline);
	check(deadline < vruntime / 2, "deadline is not sooner");
}
