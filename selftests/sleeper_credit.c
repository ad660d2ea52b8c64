// SPDX-License-Identifier: GPL-2.0
/*
 * sleeper_credit - who slept for long does not shut out the others
 *
 * Promised: a task that slept while another one on its CPU used 100 slices does not get them all once
 * it has woken up: it takes turns with the other one after about one slice. Nor does one that had the
 * CPU to itself for as long pay that back to who comes then. Since 6.12.
 */
#include "scx_test.h"

/*
 * If it had to pay back what it ran alone, the first hog would not run again before the late one got as
 * much. Under scx_userland a kernel thread that comes in between settles the account, so not every
 * attempt would show it: hence several.
 */
static void check_debt(void)
{
	pid_t first = hog(last_cpu(), 0, SCHED_OTHER), late;
	u64 done;

	run_for(&first, 1, 100 * SLICE_NS);
	late = hog(last_cpu(), 0, SCHED_OTHER);
	done = work(first);
	run_for(&late, 1, 20 * SLICE_NS);
	done = work(first) - done;
	check(done > work(late) / 2, "who came late did %.1f times as much as who was there",
	      (double)work(late) / (done ?: 1));
	stop(first);
	stop(late);
}

SCX_TEST(sleeper_credit, "who slept for long does not shut out the others, nor is shut out who was alone",
	 .only = "scx_simple scx_userland")
{
	struct sched s = sched_load("");
	pid_t sleeper = hog(last_cpu(), 0, SCHED_OTHER);
	pid_t other = hog(last_cpu(), 0, SCHED_OTHER);
	u64 slept, awake;
	int i;

	run_for(&sleeper, 1, SLICE_NS);
	kill(sleeper, SIGSTOP);
	run_for(&other, 1, 100 * SLICE_NS);
	slept = work(sleeper);
	awake = work(other);
	kill(sleeper, SIGCONT);
	run_for(&sleeper, 1, 20 * SLICE_NS);
	slept = work(sleeper) - slept;
	awake = work(other) - awake;
	/* about 19 of 20 are due, none if all is credited; half is far from both */
	check(awake > slept / 2, "awake again it did %.1f times as much as the other one",
	      (double)slept / (awake ?: 1));
	stop(sleeper);
	stop(other);
	for (i = 0; i < 3; i++)
		check_debt();
	sched_unload(&s);
}
