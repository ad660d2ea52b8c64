// SPDX-License-Identifier: GPL-2.0
/*
 * option_limits - the smallest and the largest values that options take
 *
 * Promised: whatever number an option takes, the scheduler loads with it, and every task goes on. Not with
 * any --timeout-ms, nor with what is there to make it fail. Since 6.12.
 */
#include "scx_test.h"

#define TASKS 6

/* Not the most tasks that scx_userland takes: the VM has not the memory for them. */
static const struct { const char *sched, *options; } extremes[] = {
	{ "scx_central", "-s 100 --batch 1 -i 0.01" },
	{ "scx_central", "-s 1000000 --batch 1024 -i 86400" },
	{ "scx_qmap", "-s 1 -b 1 -D 1 -i 0.01" },
	{ "scx_qmap", "-s 1000000 -b 1024 -D 16777216 -i 86400" },
	{ "scx_userland", "-s 100 -S 100 -b 1 --stale-ms 1 --max-tasks 1 -D 1 -i 0.01" },
	{ "scx_userland", "-s 1000000 -S 1000000 -b 256 --stale-ms 10000 --max-tasks 1000000 -D 16777216" },
};

static pid_t pids[TASKS];

static void runs_with(const char *options)
{
	struct sched s;

	diag("with %s", options);
	s = sched_load(options);
	all_go_on(pids, TASKS, SLICE_NS / 200);
	sched_unload(&s);
	sched_close(&s);
}

SCX_TEST(option_limits, "the smallest and the largest values of each option",
	 .only = "scx_central scx_qmap scx_userland")
{
	u64 *turns = shared(sizeof(*turns));
	size_t i;

	for (i = 0; i < TASKS - 2; i++)
		pids[i] = hog(ANY_CPU, i * 5, SCHED_OTHER);
	pids[i++] = hog(last_cpu(), 0, SCHED_OTHER);
	pids[i] = spawn(ANY_CPU, 0, SCHED_OTHER, doze, turns);
	for (i = 0; i < ARRAY_SIZE(extremes); i++)
		if (!strcmp(extremes[i].sched, sched_name()))
			runs_with(extremes[i].options);
}
