// SPDX-License-Identifier: GPL-2.0
/*
 * userland_changes - whatever is done to many tasks at random, none is lost
 *
 * Promised: of 100 tasks that work and sleep, and whose CPUs, nice values and policies are changed
 * at random, and that are stopped and go on, each gets on in the end; user space forgets those who
 * are gone. With LONG=1 in the environment they are 1,000 for 30 s. Since 6.12.
 */
#include <time.h>
#include "userland.h"
#include "crowd.h"

#define CHANGES_AT_ONCE	10
#define MAX_FIFO	8	/* so few may be real-time tasks at times that they leave most of the CPUs */

/* Work for a moment, sleep for a moment, of lengths that differ; count the rounds in *@arg. */
static int worker(void *arg)
{
	volatile u64 *rounds = arg;
	unsigned int seed = getpid();

	for (;; ++*rounds) {
		struct timespec gap = { .tv_nsec = rand_r(&seed) % 50000000 };
		volatile int i = rand_r(&seed) % 50000;

		while (i--)
			;
		if (*rounds % 3)
			nanosleep(&gap, NULL);
		else
			sched_yield();
	}
	return 0;
}

SCX_TEST(userland_changes, "many tasks changed at random: none is lost", .only = "scx_userland")
{
	int i, nr = is_long() ? 1000 : 100;
	u64 end, *rounds = shared(nr * sizeof(*rounds)), before[nr];
	unsigned int seed = 1;
	pid_t pids[nr];
	struct sched s = sched_load("-i 0.5");

	for (i = 0; i < nr; i++)
		pids[i] = spawn(ANY_CPU, 0, SCHED_OTHER, worker, &rounds[i]);
	end = now_ns() + (is_long() ? 30 : 2) * 1000000000ULL;
	while (now_ns() < end) {
		for (i = 0; i < CHANGES_AT_ONCE; i++) {
			int nth = rand_r(&seed) % nr;

			change_at_random(pids[nth], 20, nth < MAX_FIFO, &seed);
		}
		nap();
	}
	for (i = 0; i < nr; i++) {
		settle(pids[i]);
		before[i] = rounds[i];
	}
	for (i = 0; i < nr; i++)
		wait_for(*(volatile u64 *)&rounds[i] > before[i], "every task to go on");
	sched_stayed(&s);
	stop_all(pids, nr);
	wait_for(counter(&s, "scheduled") <= 2 && counter(&s, "queued") <= 2,
		 "user space to forget those who are gone");
	sched_unload(&s);
}
