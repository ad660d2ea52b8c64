// SPDX-License-Identifier: GPL-2.0
/*
 * yields - threads that do nothing but yield, so that all a machine does is to schedule
 *
 * usage: yields THREADS MS PID
 *
 * When each has had a turn, prints for MS milliseconds how many ns a yield took, and how many ns of CPU time
 * process PID used for each, if PID is not 0.
 */
#include <dirent.h>
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile unsigned long *yields;
static int nr;

static void *yielder(void *arg)
{
	volatile unsigned long *mine = arg;

	for (;;) {
		sched_yield();
		++*mine;
	}
	return NULL;
}

static void start(void)
{
	const struct sched_param none = { 0 };
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_OTHER);
	pthread_attr_setschedparam(&attr, &none);
	for (i = 0; i < nr; i++)
		if (pthread_create(&thread, &attr, yielder, (void *)&yields[i]))
			errx(1, "no thread %d", i);
}

static unsigned long total(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < nr; i++)
		sum += yields[i];
	return sum;
}

static bool all_had_a_turn(void)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!yields[i])
			return false;
	return true;
}

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

/* Of all threads of a process, in ns. */
static double cpu_time(const char *pid)
{
	struct dirent *entry;
	char path[512];
	double sum = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		double ns = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid, entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%lf", &ns) == 1)
			sum += ns;
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return sum;
}

int main(int argc, char **argv)
{
	const struct sched_param first = { .sched_priority = 1 };
	double begin, cpu;
	unsigned long before, done;

	if (argc != 4)
		errx(1, "usage: yields THREADS MS PID");
	nr = atoi(argv[1]);
	yields = calloc(nr, sizeof(*yields));
	/* real-time, so that it is no matter when it gets the CPU */
	if (!yields || sched_setscheduler(0, SCHED_FIFO, &first))
		err(1, "yields");
	start();
	while (!all_had_a_turn())
		nap(10);
	cpu = cpu_time(argv[3]);
	before = total();
	begin = now();
	nap(atoi(argv[2]));
	done = total() - before;
	printf("%.2f", (now() - begin) / done);
	printf(" %.2f\n", (cpu_time(argv[3]) - cpu) / done);
	return 0;
}
