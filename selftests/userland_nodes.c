// SPDX-License-Identifier: GPL-2.0
/*
 * userland_nodes - a task stays near its memory
 *
 * Promised: with -n, a task that wakes up where a hog runs goes to an idle CPU of the same NUMA
 * node, though CPUs of other nodes are idle as well. Needs a node with two CPUs, and a CPU in
 * another node: scripts/vm -c 4 --numa 2. Since 6.15, where the kernel learned to tell nodes apart.
 */
#include <time.h>
#include "userland.h"

#define WAKEUPS	50

static bool same_node(int a, int b)
{
	char path[64];
	int node;

	for (node = 0; node < 64; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", a, node);
		if (!access(path, F_OK))
			break;
	}
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", b, node);
	return !access(path, F_OK);
}

/* Again and again fall asleep on the hog's CPU; count in *@arg how often it wakes up in its node. */
static int wake_up(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int *near = arg;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		pin(last_cpu());
		pin(ANY_CPU);
		nanosleep(&ms, NULL);
		*near += same_node(sched_getcpu(), last_cpu());
	}
	return 0;
}

SCX_TEST(userland_nodes, "with -n a task wakes up in its NUMA node", .only = "scx_userland")
{
	int cpu, nr_near = 0, *near = shared(sizeof(*near));
	struct sched s;

	for (cpu = 0; cpu < nr_cpus(); cpu++)
		nr_near += same_node(cpu, last_cpu());
	if (nr_near < 2 || nr_near == nr_cpus())
		skip("no node with two CPUs beside another one");
	if (!knows_nodes())
		skip("this kernel does not tell nodes apart");
	s = sched_load("-n");
	hog(last_cpu(), 0, SCHED_OTHER);
	wait_for_end(spawn(ANY_CPU, 0, SCHED_OTHER, wake_up, near), "a task to wake up often");
	/* now and then a kernel thread is on the CPU beside */
	check(*near >= WAKEUPS * 9 / 10, "%d of %d wakeups were in the task's node", *near, WAKEUPS);
	sched_unload(&s);
}
