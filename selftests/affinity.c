// SPDX-License-Identifier: GPL-2.0
/*
 * affinity - a task runs where it may, however often that changes
 *
 * Promised: under load, tasks that move themselves from CPU to CPU find themselves there; a hog that
 * others bind to a CPU, while it runs, is queued or is stopped, goes on there and nowhere else; the
 * scheduler stays. A scheduler that puts a task on a CPU where it may not run is ejected. Since 6.12.
 */
#include <sys/wait.h>
#include "scx_test.h"

#define HOPPERS	4
#define HOPS	200
#define MOVES	30

/* Its result is the number of hops that led elsewhere. */
static int hopper(void *arg __attribute__((unused)))
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int i, cpu, wrong = 0;

	for (i = 0; i < HOPS; i++) {
		cpu = i % 2 ? first_cpu() : last_cpu();
		pin(cpu);
		wrong += sched_getcpu() != cpu;
		if (i % 3 == 1)
			nanosleep(&ms, NULL);
		if (i % 3 == 2)
			sched_yield();
		wrong += sched_getcpu() != cpu;
	}
	return wrong < 100 ? wrong : 100;
}

/* Bind the hog to a CPU, or to all, in one of several states; then it goes on, there. */
static void move_hog(pid_t pid, int cpu, bool stopped)
{
	if (stopped)
		kill(pid, SIGSTOP);
	check(!set_affinity(pid, cpu), "cannot move %d", pid);
	if (stopped)
		kill(pid, SIGCONT);
	all_go_on(&pid, 1, SLICE_NS / 4);
	check(task_cpu(pid) == cpu, "bound to CPU %d, it ran on CPU %d", cpu, task_cpu(pid));
}

SCX_TEST(affinity, "tasks run where they may, however often that changes", .policy = true)
{
	pid_t hoppers[HOPPERS], moved;
	struct sched s;
	int i, status;

	need_two_cpus();
	load_all_cpus();
	moved = hog(ANY_CPU, 0, SCHED_OTHER);
	s = sched_load("");
	for (i = 0; i < HOPPERS; i++)
		hoppers[i] = spawn(ANY_CPU, 0, SCHED_OTHER, hopper, NULL);
	for (i = 0; i < MOVES; i++)
		move_hog(moved, i % 2 ? first_cpu() : last_cpu(), i % 3 == 2);
	for (i = 0; i < HOPPERS; i++) {
		wait_for(waitpid(hoppers[i], &status, WNOHANG) == hoppers[i], "tasks to hop");
		check(!status, "of %d times, a task was elsewhere %d times", 2 * HOPS,
		      WEXITSTATUS(status));
	}
	sched_stayed(&s);
	sched_unload(&s);
}
