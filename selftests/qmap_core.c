// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_core - core scheduling keeps the shares of the queues
 *
 * Promised: tasks that must not share a core, each with a cookie of its own, take turns on it as
 * often as their queues' shares say, on whichever of its CPUs they wait; none waits forever, also
 * with -H. Needs CONFIG_SCHED_CORE and CPUs with SMT. Since 6.12.
 */
#include "qmap.h"

/* Within a fifth: a task may be a turn early or late. */
static void check_share(u64 got, u64 all, int due, int due_all)
{
	double share = (double)got * due_all / ((double)all * due);

	check(share > 0.8 && share < 1.2, "%.2f of the share that is %d of %d", share, due,
	      due_all);
}

/* With -H, nice -20 tasks are moved about as well. */
static void boosted(const pid_t *pids, int nr)
{
	struct sched s = sched_load("-s 2000 -H");
	pid_t first[2];
	int i;

	for (i = 0; i < 2; i++)
		first[i] = lone_hog(-20);
	all_go_on(first, 2, 2 * SLICE_NS);
	all_go_on(pids, nr, SLICE_NS / 4);
	check(map_counter("boosted", ALL_CPUS) > 2, "nobody was boosted");
	sched_stayed(&s);
	sched_unload(&s);
}

/*
 * In queues 4, 2 and 0, and so many that none of these is empty when its turn comes: of each, one may
 * be about to leave its CPU, and one chosen by either CPU of the core, for when it is next.
 */
static const int nices[] = { -10, 0, 10 };
enum { QUEUES = ARRAY_SIZE(nices), EACH = 4, NR = EACH * QUEUES };

/*
 * This process is a real-time one. Were it to wake up now and then, in step with the turns of some, it
 * would give them more time: slices end with a tick, also what is left of one that was interrupted. So it
 * sleeps.
 */
static void check_queues(const pid_t *pids)
{
	const struct timespec slices = { .tv_sec = 120 * SLICE_NS / 1000000000,
					 .tv_nsec = 120 * SLICE_NS % 1000000000 };
	u64 got[QUEUES] = {}, all = 0;
	int i;

	for (i = 0; i < NR; i++)
		got[i / EACH] -= work(pids[i]);
	nanosleep(&slices, NULL);
	for (i = 0; i < NR; i++)
		got[i / EACH] += work(pids[i]);
	for (i = 0; i < QUEUES; i++)
		all += got[i];
	diag("work: %llu %llu %llu", (unsigned long long)got[0], (unsigned long long)got[1],
	     (unsigned long long)got[2]);
	check_share(got[0], all, 16, 21);
	check_share(got[1], all, 4, 21);
	check_share(got[2], all, 1, 21);
}

SCX_TEST(qmap_core, "core scheduling: each task its own cookie, shares by queue",
	 .only = "scx_qmap")
{
	/* rarely something falls in with the slices */
	int times = is_long() ? 100 : 1;
	struct sched s;
	pid_t pids[NR];
	int i;

	need_core_scheduling();
	s = sched_load("-s 2000");
	for (i = 0; i < NR; i++)
		pids[i] = lone_hog(nices[i / EACH]);
	all_go_on(pids, NR, SLICE_NS / 4);
	for (i = 0; i < times; i++)
		check_queues(pids);
	sched_stayed(&s);
	sched_unload(&s);
	boosted(pids, NR);
}
