// SPDX-License-Identifier: GPL-2.0
/*
 * sleeper_credit - who slept for long does not shut out the others
 *
 * Promised: a task that slept while another one on its CPU used 100 slices gets at most about one
 * slice more than that one once it has woken up, not the 100 that it missed. Since 6.12.
 */
#include "scx_test.h"

/* Be known to the scheduler, sleep until SIGCONT, then use all CPU time there is. */
static int sleep_then_burn(void *arg __attribute__((unused)))
{
	raise(SIGSTOP);
	for (;;)
		__asm__ volatile("" ::: "memory");
	return 0;
}

SCX_TEST(sleeper_credit, "who slept for long does not shut out the others",
	 .only = "scx_simple")
{
	struct sched s = sched_load("");
	pid_t sleeper = spawn(last_cpu(), 0, SCHED_OTHER, sleep_then_burn, NULL);
	pid_t other = hog(last_cpu(), 0, SCHED_OTHER);
	u64 used, at_wakeup;

	wait_for(cpu_time(other) > 100 * SLICE_NS, "100 slices");
	used = cpu_time(sleeper);
	at_wakeup = cpu_time(other);
	kill(sleeper, SIGCONT);
	wait_for(cpu_time(sleeper) - used > 20 * SLICE_NS, "the sleeper to have 20 slices");
	used = cpu_time(other) - at_wakeup;
	/* 19 are due; what is under way counts, and the timer tick is late by up to 4 ms a turn */
	check(used > 15 * SLICE_NS, "meanwhile the other one had %.1f slices only",
	      (double)used / SLICE_NS);
	sched_unload(&s);
}
