// SPDX-License-Identifier: GPL-2.0
/*
 * userland-load - the loads of bench/userland, and what they tell of the scheduler
 *
 * usage: userland-load yield THREADS PID	threads that only yield: CPU time of process PID for
 *						each decision, in ns
 *        userland-load wake HOGS		a thread that wakes up every 5 ms beside hogs: how long
 *						it waits, mean and 99th percentile, in us
 */
#include <dirent.h>
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAKEUPS		300
#define PERIOD_NS	5000000
#define DECISIONS	20000

static atomic_uint_fast64_t yields;
static pthread_barrier_t all_there;	/* who began at once would let the others hardly begin */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void *yielder(void *arg)
{
	pthread_barrier_wait(&all_there);
	for (;; yields++)
		sched_yield();
	return arg;
}

static void *hog(void *arg)
{
	pthread_barrier_wait(&all_there);
	for (;;)
		;
	return arg;
}

static void start(int nr, void *(*body)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	pthread_barrier_init(&all_there, NULL, nr + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (i = 0; i < nr; i++)
		if (pthread_create(&thread, &attr, body, NULL))
			errx(1, "no thread %d", i);
	pthread_barrier_wait(&all_there);
}

/* CPU time of all threads of a process, in ns. */
static uint64_t cpu_time(const char *pid)
{
	unsigned long long ns, sum = 0;
	struct dirent *entry;
	char path[512];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	while ((entry = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid, entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += ns;
		fclose(f);
	}
	closedir(dir);
	return sum;
}

static void wait_for_yields(uint64_t nr)
{
	uint64_t end = yields + nr;

	while (yields < end)
		sched_yield();
}

static void measure_yields(int threads, const char *pid)
{
	uint64_t cpu, nr;

	start(threads, yielder);
	wait_for_yields(2 * threads);
	cpu = cpu_time(pid);
	nr = yields;
	wait_for_yields(DECISIONS);
	nr = yields - nr;
	printf("%.1f\n", (double)(cpu_time(pid) - cpu) / nr);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void measure_waits(int hogs)
{
	static uint64_t waits[WAKEUPS];
	uint64_t due, sum = 0;
	struct timespec ts;
	int i;

	start(hogs, hog);
	due = now_ns();
	for (i = 0; i < WAKEUPS; i++) {
		due += PERIOD_NS;
		/* late by more than a period: go on from here, as if nothing was */
		if (due < now_ns())
			due = now_ns() + PERIOD_NS;
		ts = (struct timespec){ due / 1000000000, due % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		waits[i] = now_ns() - due;
		sum += waits[i];
	}
	qsort(waits, WAKEUPS, sizeof(*waits), compare);
	printf("%.1f %.1f\n", sum / 1000.0 / WAKEUPS, waits[WAKEUPS * 99 / 100] / 1000.0);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "yield"))
		measure_yields(atoi(argv[2]), argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "wake"))
		measure_waits(atoi(argv[2]));
	else
		errx(1, "usage: %s yield THREADS PID | wake HOGS", argv[0]);
	return 0;
}
