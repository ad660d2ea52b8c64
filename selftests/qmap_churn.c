// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_churn - a thousand tasks that change all the time: none is forgotten, all are accounted for
 *
 * Promised: tasks whose nice value, affinity and cgroup change while they run, wait or sleep, which
 * fork and end, all get done; in the end as many were put into queues as got a CPU or left. In the
 * long form it takes half a minute. Since 6.12.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "qmap.h"

#define NR_TASKS	1000
#define ROUNDS		6
#define LONG_NS		30000000000ULL
#define GROUP		"/sys/fs/cgroup/qmap_churn"

struct task {
	pid_t	pid;
	u64	rounds;
};

static void move(pid_t pid, bool in)
{
	char line[16];

	snprintf(line, sizeof(line), "%d", pid);
	write_file(in ? GROUP "/cgroup.procs" : "/sys/fs/cgroup/cgroup.procs", line);
}

/* Change somebody, who may be gone. */
static void change(pid_t pid)
{
	switch (rand() % 6) {
	case 0:
	case 1:
		setpriority(PRIO_PROCESS, pid, rand() % 40 - 20);
		break;
	case 2:
		set_affinity(pid, rand() % nr_cpus());
		break;
	case 3:
		set_affinity(pid, ANY_CPU);
		break;
	case 4:
		move(pid, rand() % 2);
		break;
	}
}

static void fork_and_end(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void live(struct task *tasks, int me, u64 end)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	srand(me);
	tasks[me].pid = getpid();
	for (; tasks[me].rounds < ROUNDS || now_ns() < end; tasks[me].rounds++) {
		pid_t other = tasks[rand() % NR_TASKS].pid;

		burn_for(100000);
		change(rand() % 2 && other ? other : 0);
		if (rand() % 4 == 0)
			nanosleep(&ms, NULL);
		if (rand() % 8 == 0)
			fork_and_end();
	}
	_exit(0);
}

/* What was put into queues is what got a CPU, or left, once nobody waits. */
static bool reconciled(void)
{
	u64 ran = map_counter("ran", ALL_CPUS), left = map_counter("left", ALL_CPUS);

	return map_counter("queued", ALL_CPUS) == ran + left;
}

SCX_TEST(qmap_churn, "1000 tasks change, fork and end: all get done, all are accounted for",
	 .only = "scx_qmap")
{
	struct task *tasks = shared(NR_TASKS * sizeof(*tasks));
	struct sched s = sched_load("");
	u64 end = is_long() ? now_ns() + LONG_NS : 0;
	pid_t pids[NR_TASKS];
	int i;

	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpu");
	mkdir(GROUP, 0755);
	for (i = 0; i < NR_TASKS; i++) {
		pids[i] = fork();
		check(pids[i] >= 0, "fork: %s", strerror(errno));
		if (!pids[i]) {
			/* a real-time process is the test itself alone */
			set_policy(0, SCHED_OTHER);
			live(tasks, i, end);
		}
	}
	for (i = 0; i < NR_TASKS; i++)
		wait_for_end(pids[i], "a task to end");
	for (i = 0; i < NR_TASKS; i++)
		check(tasks[i].rounds >= ROUNDS, "task %d ended in round %llu", i,
		      (unsigned long long)tasks[i].rounds);
	wait_for(reconciled(), "the counters to be reconciled");
	check(map_counter("left", ALL_CPUS) > 0, "nobody has changed while waiting");
	rmdir(GROUP);
	sched_stayed(&s);
	sched_unload(&s);
}
