// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_borders - a task's weight decides which queue it waits in
 *
 * Promised: weights up to 25, up to 50, below 200, below 400, and the rest are the five queues. A
 * task of the nice value on either side of each border waits in the queue on that side, also if it
 * is changed while it runs or waits. Since 6.12.
 */
#include "qmap.h"
#include "qmap_borders.bpf.skel.h"
#include <sys/resource.h>

static const struct border {
	u32 weight, queue;
} borders[] = {
	{ 1, 0 }, { 25, 0 }, { 26, 1 }, { 50, 1 }, { 51, 2 }, { 199, 2 }, { 200, 3 }, { 399, 3 },
	{ 400, 4 }, { 10000, 4 },
};

/* Nice values on both sides of each border: 19 and 7 are light, -7 and -20 heavy. */
static const struct {
	int nice, queue;
} nices[] = {
	{ 19, 0 }, { 7, 0 }, { 6, 1 }, { 4, 1 }, { 3, 2 }, { -3, 2 }, { -4, 3 }, { -6, 3 },
	{ -7, 4 }, { -20, 4 }, { 0, 2 },
};

static u32 choose(struct qmap_borders *skel, u32 weight)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	skel->bss->weight = weight;
	check(!bpf_prog_test_run_opts(bpf_program__fd(skel->progs.choose), &opts), "cannot run it");
	return skel->bss->queue;
}

static void exact_borders(void)
{
	struct qmap_borders *skel = qmap_borders__open_and_load();
	unsigned int i;

	check(skel, "cannot load the program");
	for (i = 0; i < ARRAY_SIZE(borders); i++) {
		u32 queue = choose(skel, borders[i].weight);

		check(queue == borders[i].queue, "weight %u: queue %u", borders[i].weight, queue);
	}
	qmap_borders__destroy(skel);
}

/* The queue of which the last CPU takes most, while only the hogs have much to do there. */
static int busiest_queue(void)
{
	u64 start[NR_QUEUES], now[NR_QUEUES], most = 0;
	int i, busiest = 0;

	read_taken(start, last_cpu());
	while (most < 20) {
		nap();
		read_taken(now, last_cpu());
		for (i = 0; i < NR_QUEUES; i++) {
			if (now[i] - start[i] > most) {
				most = now[i] - start[i];
				busiest = i;
			}
		}
	}
	return busiest;
}

SCX_TEST(qmap_borders, "the weight decides the queue: at each border, and when it changes",
	 .only = "scx_qmap")
{
	pid_t pids[2];
	unsigned int i;
	struct sched s;
	int k, queue;

	exact_borders();
	s = sched_load("-s 2000");
	for (k = 0; k < 2; k++)
		pids[k] = hog(last_cpu(), 0, SCHED_OTHER);
	for (i = 0; i < ARRAY_SIZE(nices); i++) {
		for (k = 0; k < 2; k++)
			check(!setpriority(PRIO_PROCESS, pids[k], nices[i].nice), "setpriority");
		queue = busiest_queue();
		check(queue == nices[i].queue, "nice %d: queue %d", nices[i].nice, queue);
	}
	sched_unload(&s);
}
