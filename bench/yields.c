// SPDX-License-Identifier: GPL-2.0
/*
 * yields - tasks that do nothing but yield, so that all a machine does is to schedule
 *
 * usage: yields TASKS TIMES MS
 *
 * Starts TASKS tasks, and when each has had a turn prints TIMES times how many nanoseconds a yield took,
 * measured over MS milliseconds. Of the tasks a CPU runs one, and the others wait.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long long *yields;
static int nr;

static void nap(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static unsigned long long total(void)
{
	unsigned long long sum = 0;
	int i;

	for (i = 0; i < nr; i++)
		sum += yields[i];
	return sum;
}

static void start(int i)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){});
	for (;;) {
		sched_yield();
		yields[i]++;
	}
}

static bool all_had_a_turn(void)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!yields[i])
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const struct sched_param first = { .sched_priority = 1 };
	int i, times, ms;

	if (argc != 4) {
		fprintf(stderr, "usage: yields TASKS TIMES MS\n");
		return 1;
	}
	nr = atoi(argv[1]);
	times = atoi(argv[2]);
	ms = atoi(argv[3]);
	yields = mmap(NULL, nr * sizeof(*yields), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* real-time, so that it is no matter when it gets the CPU */
	if (yields == MAP_FAILED || sched_setscheduler(0, SCHED_FIFO, &first)) {
		perror("yields");
		return 1;
	}
	for (i = 0; i < nr; i++)
		start(i);
	while (!all_had_a_turn())
		nap(10);
	for (i = 0; i < times; i++) {
		unsigned long long before = total();
		double begin = now();

		nap(ms);
		printf("%.2f\n", (now() - begin) / (total() - before));
	}
	return 0;
}
