// SPDX-License-Identifier: GPL-2.0
/*
 * yields - tasks that do nothing but yield, so that all a machine does is to schedule
 *
 * usage: yields TASKS MS PID
 *
 * When each has had a turn, prints for MS milliseconds how many ns a yield took, and how many ns of CPU time
 * process PID used for each, if PID is not 0.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A page holds a task's stack and, at its lower end, the number of its yields. */
#define PAGE 4096

static char *pages;
static int nr;

static volatile unsigned long *yields(int task)
{
	return (void *)(pages + (size_t)task * PAGE);
}

static int yielder(void *arg)
{
	volatile unsigned long *mine = arg;

	for (;;) {
		++*mine;
		syscall(SYS_sched_yield);
	}
	return 0;
}

/* Not by the C library, which takes more time to set up a thread than the kernel, and far more memory. */
static void start(void)
{
	const int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	int i;

	pages = mmap(NULL, (size_t)nr * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages == MAP_FAILED)
		err(1, "no memory");
	for (i = 0; i < nr; i++)
		if (clone(yielder, pages + (size_t)(i + 1) * PAGE, thread, (void *)yields(i)) < 0)
			err(1, "no task %d", i);
}

static unsigned long total(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < nr; i++)
		sum += *yields(i);
	return sum;
}

static bool all_had_a_turn(void)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!*yields(i))
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
		errx(1, "usage: yields TASKS MS PID");
	nr = atoi(argv[1]);
	/* real-time, so that it is no matter when it gets the CPU; those that it starts are not */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first))
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
