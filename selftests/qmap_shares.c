// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_shares - a CPU takes 1, 2, 4, 8 and 16 tasks from the five queues in turn
 *
 * Promised: while all queues have tasks, a CPU takes exactly so many in each round, and the tasks get
 * as much of the CPU, within 10 %. So they do with one task in each, which is not back in its queue when
 * its next turn comes. A queue that has none passes its turn on. Within a queue the older
 * task is next, be it bound to the CPU or not. Since 6.12.
 */
#include "qmap.h"

#define ROUNDS	40
#define SKIPPED	2

static const int nice_of[NR_QUEUES] = { 10, 5, 0, -5, -10 };

/* Two in each queue. */
static pid_t pids[2 * NR_QUEUES];

/* They became tasks of sched_ext while they ran, with a first slice that is the kernel's. */
static void warm_up(const pid_t *tasks, int nr)
{
	all_go_on(tasks, nr, SLICE_NS + SLICE_NS / 10);
}

static void read_all(u64 *counts, u64 *works)
{
	int i;

	read_taken(counts, last_cpu());
	for (i = 0; i < NR_QUEUES; i++)
		works[i] = work(pids[2 * i]) + work(pids[2 * i + 1]);
}

/* Whole rounds between two moments, and the begun ones at either end, nothing else. */
static void check_rounds(int skip)
{
	u64 start[NR_QUEUES], now[NR_QUEUES], works[NR_QUEUES], works_now[NR_QUEUES];
	double rounds;
	int i;

	read_all(start, works);
	waiting_for = "some rounds";
	do {
		nap();
		read_all(now, works_now);
		rounds = (now[4] - start[4]) / 16.0;
	} while (rounds < ROUNDS);

	for (i = 0; i < NR_QUEUES; i++) {
		double due = rounds * (1 << i), got = now[i] - start[i];
		double share = (works_now[i] - works[i]) * 16.0 /
			       ((works_now[4] - works[4]) * (1 << i));

		if (i == skip)
			continue;
		check(got >= due - (1 << i) && got <= due + (1 << i),
		      "queue %d: %.0f tasks in %.1f rounds", i, got, rounds);
		check(share > 0.9 && share < 1.1, "queue %d: %.2f of its share of the work", i,
		      share);
	}
}

/*
 * On each CPU two tasks that are bound to it, and two others for each: who came first is next, so
 * that all get the same, whichever part of the queue they wait in.
 */
static void check_parts(void)
{
	int i, nr = 2 * nr_cpus();
	pid_t bound[nr], others[nr];
	u64 done = 0, others_done = 0;
	double ratio;

	for (i = 0; i < nr; i++) {
		bound[i] = hog(first_cpu() + i / 2, 0, SCHED_OTHER);
		others[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	}
	warm_up(others, nr);
	warm_up(bound, nr);
	for (i = 0; i < nr; i++) {
		done -= work(bound[i]);
		others_done -= work(others[i]);
	}
	run_for(others, nr, nr * 10 * SLICE_NS);
	for (i = 0; i < nr; i++) {
		done += work(bound[i]);
		others_done += work(others[i]);
	}
	ratio = (double)others_done / done;
	check(ratio > 0.75 && ratio < 1.33, "tasks of all CPUs did %.2f of what bound ones did",
	      ratio);
	for (i = 0; i < nr; i++) {
		stop(bound[i]);
		stop(others[i]);
	}
}

/* Slices end with a tick. These end between two, so that each is as long as the others. */
SCX_TEST(qmap_shares, "1:2:4:8:16 between the queues, counted exactly and as CPU time",
	 .only = "scx_qmap")
{
	struct sched s = sched_load("-s 500");
	int i;

	check_parts();
	for (i = 0; i < 2 * NR_QUEUES; i++)
		pids[i] = hog(last_cpu(), nice_of[i / 2], SCHED_OTHER);
	warm_up(pids, 2 * NR_QUEUES);
	check_rounds(-1);
	/* the same with one in each */
	for (i = 0; i < NR_QUEUES; i++)
		kill(pids[2 * i], SIGSTOP);
	check_rounds(-1);
	for (i = 0; i < NR_QUEUES; i++)
		kill(pids[2 * i], SIGCONT);
	/* an empty queue takes no time */
	for (i = 0; i < 2; i++)
		kill(pids[2 * SKIPPED + i], SIGSTOP);
	check_rounds(SKIPPED);
	sched_unload(&s);
}
