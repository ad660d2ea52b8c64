// SPDX-License-Identifier: GPL-2.0
/*
 * sleeper_credit - who slept for long does not shut out the others
 *
 * Promised: a task that slept while two others on its CPU used 50 slices each does not get them all once
 * it has woken up: it takes turns with them after about one slice. Nor does one that had the
 * CPU to itself for as long pay that back to who comes then. Since 6.12.
 */
#include "scx_test.h"

#define ATTEMPTS 8

/*
 * If it had to pay back what it ran alone, the first hog would not run again before the late one got as
 * much. Under scx_userland a kernel thread that comes in between settles the account, so that a little more than
 * half of the attempts would show it: hence ATTEMPTS.
 */
static void check_debt(void)
{
	pid_t first = hog(last_cpu(), 0, SCHED_OTHER), late;
	u64 done;

	run_for(&first, 1, 30 * SLICE_NS);
	late = hog(last_cpu(), 0, SCHED_OTHER);
	done = work(first);
	run_for(&late, 1, 20 * SLICE_NS);
	done = work(first) - done;
	check(done > work(late) / 2, "who came late did %.1f times as much as who was there",
	      (double)work(late) / (done ?: 1));
	stop(first);
	stop(late);
}

/*
 * Two, since scx_userland forgets most of what one alone has used. For each turn of the sleeper, both have one; if
 * it has credit for 50 turns, hardly any.
 */
static void check_credit(void)
{
	pid_t sleeper = hog(last_cpu(), 0, SCHED_OTHER);
	pid_t others[] = { hog(last_cpu(), 0, SCHED_OTHER), hog(last_cpu(), 0, SCHED_OTHER) };
	u64 slept, awake;

	run_for(&sleeper, 1, SLICE_NS);
	kill(sleeper, SIGSTOP);
	run_for(others, 2, 100 * SLICE_NS);
	slept = work(sleeper);
	awake = work(others[0]) + work(others[1]);
	kill(sleeper, SIGCONT);
	run_for(&sleeper, 1, 20 * SLICE_NS);
	slept = work(sleeper) - slept;
	awake = work(others[0]) + work(others[1]) - awake;
	check(awake > slept, "awake again it did %.1f times as much as two others",
	      (double)slept / (awake ?: 1));
	stop(sleeper);
	stop_all(others, 2);
}

SCX_TEST(sleeper_credit, "who slept for long does not shut out the others, nor is shut out who was alone",
	 .only = "scx_simple scx_userland")
{
	struct sched s = sched_load("");
	int i;

	check_credit();
	for (i = 0; i < ATTEMPTS; i++)
		check_debt();
	sched_unload(&s);
}
