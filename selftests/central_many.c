// SPDX-License-Identifier: GPL-2.0
/*
 * central_many - 10,000 runnable tasks, and nobody is lost
 *
 * Promised: 10,000 threads that are woken together, and none of which ends before the last one is
 * runnable, come to their end; all waited in a queue and were decided by the central CPU; the scheduler
 * stays. It stays as well with 60 hogs on a CPU, whose turns of 20 ms would take longer than the watchdog
 * allows, half a second here. Since 6.12.
 */
#include "scx_test.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define THREADS	10000
#define HOGS	60

/* In shared memory */
static struct {
	volatile int	begun;		/* threads that are there, asleep or about to fall asleep */
	volatile int	gate;		/* 0: sleep; 1: you are woken; 2: all are */
	volatile int	ended;
} *counts;

static void *live(void *arg)
{
	__atomic_add_fetch(&counts->begun, 1, __ATOMIC_RELAXED);
	while (!counts->gate)
		syscall(SYS_futex, &counts->gate, FUTEX_WAIT, 0, NULL, NULL, 0);
	do
		sched_yield();
	while (counts->gate < 2);
	__atomic_add_fetch(&counts->ended, 1, __ATOMIC_RELAXED);
	return arg;
}

static int start_threads(void *arg __attribute__((unused)))
{
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread, &attr, live, NULL))
			return 1;
	while (counts->begun < THREADS)
		sched_yield();
	counts->gate = 1;
	syscall(SYS_futex, &counts->gate, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	counts->gate = 2;
	for (;;)
		pause();
}

/*
 * They are there first: a new one begins as a real-time task, and who loses the CPU to it stays in the
 * CPU's local queue with the rest of his slice. So many in a row would hold him up for too long.
 */
static void many_hogs(void)
{
	struct sched s;
	pid_t pids[HOGS];
	int i;

	for (i = 0; i < HOGS; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_OTHER);
	s = sched_load("--timeout-ms 500");
	all_go_on(pids, HOGS, 1);
	run_for(pids, HOGS, 2000000000ULL);
	all_go_on(pids, HOGS, 1);
	sched_stayed(&s);
	sched_unload(&s);
}

SCX_TEST(central_many, "10,000 runnable tasks, and nobody is lost", .only = "scx_central")
{
	struct sched s = sched_load("-i 0.5");
	int status;
	pid_t pid;

	counts = shared(sizeof(*counts));
	check(!set_for_test("/proc/sys/kernel/threads-max", "20000"), "cannot allow so many threads");
	check(!set_for_test("/proc/sys/kernel/pid_max", "65536"), "cannot allow so many PIDs");
	pid = spawn(ANY_CPU, 0, SCHED_OTHER, start_threads, NULL);
	wait_for(counts->ended == THREADS || waitpid(pid, &status, WNOHANG),
		 "all threads to come to their end");
	check(counts->ended == THREADS, "%d of %d threads began, %d ended", counts->begun, THREADS,
	      counts->ended);
	wait_for(counter(&s, "decisions") >= 2 * THREADS, "the report to count them");
	check(counter(&s, "elsewhere") == 0, "decisions by another CPU");
	stop(pid);
	sched_stayed(&s);
	sched_unload(&s);
	many_hogs();
}
