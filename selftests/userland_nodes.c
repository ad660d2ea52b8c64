// SPDX-License-Identifier: GPL-2.0
/*
 * userland_nodes - a task stays near its memory
 *
 * Promised: with -n, a task that wakes up where a hog runs goes to an idle CPU of the same NUMA
 * node, though CPUs of other nodes are idle as well. Needs a node with two CPUs, and a CPU in
 * another node: scripts/vm -c 4 --numa 2. Since 6.15, where the kernel learned to tell nodes apart.
 */
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

static bool near(int cpu)
{
	return same_node(cpu, last_cpu());
}

SCX_TEST(userland_nodes, "with -n a task wakes up in its NUMA node", .only = "scx_userland")
{
	int cpu, nr, nr_near = 0;
	struct sched s;

	for (cpu = 0; cpu < nr_cpus(); cpu++)
		nr_near += near(cpu);
	if (nr_near < 2 || nr_near == nr_cpus())
		skip("no node with two CPUs beside another one");
	if (!knows_nodes())
		skip("this kernel does not tell nodes apart");
	s = sched_load("-n");
	nr = wake_up_beside_hog(WAKEUPS, near);
	/* now and then a kernel thread is on the CPU beside */
	check(nr >= WAKEUPS * 9 / 10, "%d of %d wakeups were in the task's node", nr, WAKEUPS);
	sched_unload(&s);
}
