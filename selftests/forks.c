// SPDX-License-Identifier: GPL-2.0
/*
 * forks - nobody is lost among tasks that come and go
 *
 * Promised: of 2,000 short-lived processes, forked under load, some of which yield, move to another
 * CPU or change their nice value, each runs to its end; the scheduler stays. On PREEMPT_RT, where a fork
 * sleeps many times, it is 200. Since 6.12.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include "scx_test.h"

#define PARENTS		4
#define CHILDREN	(scx_is_realtime() ? 50 : 500)	/* of each parent */
#define BATCH		50	/* children that live at the same time */

static void live(int nr)
{
	if (nr % 4 == 1)
		sched_yield();
	if (nr % 4 == 2)
		pin(nr % 8 == 2 ? 0 : last_cpu());
	if (nr % 4 == 3)
		setpriority(PRIO_PROCESS, 0, nr % 20);
	_exit(nr % 100);
}

/* Counts in *@arg the children that came to their own end. */
static int parent(void *arg)
{
	pid_t pids[BATCH];
	int *ended = arg;
	int i, nr, status;

	for (nr = 0; nr < CHILDREN; nr += BATCH) {
		for (i = 0; i < BATCH; i++) {
			pids[i] = fork();
			if (!pids[i])
				live(nr + i);
		}
		for (i = 0; i < BATCH; i++) {
			waitpid(pids[i], &status, 0);
			if (WIFEXITED(status) && WEXITSTATUS(status) == (nr + i) % 100)
				__atomic_add_fetch(ended, 1, __ATOMIC_RELAXED);
		}
	}
	return 0;
}

SCX_TEST(forks, "2,000 short-lived processes under load all come to their end", .policy = true)
{
	struct sched s = sched_load("");
	int *ended = shared(sizeof(*ended));
	pid_t parents[PARENTS];
	int i, status;

	load_all_cpus();
	for (i = 0; i < PARENTS; i++)
		parents[i] = spawn(ANY_CPU, 0, SCHED_OTHER, parent, ended);
	for (i = 0; i < PARENTS; i++)
		wait_for(waitpid(parents[i], &status, WNOHANG) == parents[i], "processes to end");
	check(*ended == PARENTS * CHILDREN, "only %d processes of %d came to their end", *ended,
	      PARENTS * CHILDREN);
	sched_unload(&s);
}
