// SPDX-License-Identifier: GPL-2.0
/*
 * idle_cpu - a CPU that is idle is used at once
 *
 * Promised: as many hogs as there are CPUs leave no CPU idle; and a task that wakes up where a hog
 * runs, while another CPU is idle, runs on the idle one, even if what woke it told the kernel that it is
 * about to sleep, as pipes do. Since 6.12.
 */
#include <unistd.h>

#include "scx_test.h"

#define WAKEUPS	50

/* As many hogs as CPUs: a CPU that idles leaves one of them waiting. */
static void all_busy(void)
{
	int i, nr = nr_cpus();
	u64 idle[nr], elapsed;
	pid_t pids[nr];

	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	run_for(pids, nr, nr * SLICE_NS);
	for (i = 0; i < nr; i++)
		idle[i] = idle_time(i);
	elapsed = run_for(pids, nr, 50 * nr * SLICE_NS);
	for (i = 0; i < nr; i++) {
		double share = (double)(idle_time(i) - idle[i]) / elapsed;

		check(share < 0.1, "CPU %d was idle for %.0f %% of the time", i, 100 * share);
		stop(pids[i]);
	}
}

static bool elsewhere(int cpu)
{
	return cpu != last_cpu();
}

static void wakes_up_elsewhere(void)
{
	int nr = wake_up_beside_hog(WAKEUPS, elsewhere);

	/* something else may run on the other CPU when it wakes up, now and then */
	check(nr > WAKEUPS * 8 / 10, "of %d wakeups, %d used the idle CPU", WAKEUPS, nr);
}

struct pair {
	int	pipe[2];
	volatile bool waits;	/* the reader is about to sleep */
	int	nr_elsewhere;
};

/* Falls asleep on the last CPU, where the writer runs, and looks where it wakes up. */
static int read_pipe(void *arg)
{
	struct pair *pair = arg;
	char byte;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		pin(last_cpu());
		pin(ANY_CPU);
		pair->waits = true;
		if (read(pair->pipe[0], &byte, 1) != 1)
			return 1;
		pair->nr_elsewhere += elsewhere(sched_getcpu());
	}
	return 0;
}

/* Does not sleep after it has written. */
static int write_pipe(void *arg)
{
	struct pair *pair = arg;

	for (;;) {
		if (!pair->waits)
			continue;
		pair->waits = false;
		if (write(pair->pipe[1], "", 1) != 1)
			return 1;
	}
}

static void woken_by_pipe(void)
{
	struct pair *pair = shared(sizeof(*pair));

	check(!pipe(pair->pipe), "no pipe");
	spawn(last_cpu(), 0, SCHED_OTHER, write_pipe, pair);
	wait_for_end(spawn(ANY_CPU, 0, SCHED_OTHER, read_pipe, pair), "a task to be woken by a pipe");
	check(pair->nr_elsewhere > WAKEUPS * 8 / 10, "of %d wakeups by a pipe, %d used the idle CPU",
	      WAKEUPS, pair->nr_elsewhere);
}

SCX_TEST(idle_cpu, "an idle CPU is used at once", .policy = true)
{
	struct sched s;

	need_two_cpus();
	s = sched_load("");
	all_busy();
	wakes_up_elsewhere();
	woken_by_pipe();
	sched_unload(&s);
}
