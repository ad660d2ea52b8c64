// SPDX-License-Identifier: GPL-2.0
/*
 * userland_pinned - a crowd that is bound to one CPU is in nobody's way on another
 *
 * Promised: while 500 tasks wait that may run on one CPU only, or 2,000 with LONG=1 in the
 * environment, two tasks on another CPU take turns of a slice as before, whether user space decides on
 * the crowd or, with -l, does not; all of the crowd come to their end. Nor is it ejected when all use
 * up slices that are together longer than the kernel's watchdog waits. Since 6.12.
 */
#include <sys/wait.h>
#include "userland.h"

#define CROWD	(is_long() ? 2000 : 500)
#define YIELDS	3
#define HOGS	30	/* in turns of the slice they would wait for 3 s */

/* When the pipe is closed, come to wait a few times, and end. */
static int one_of_the_crowd(int pipe_fd)
{
	char c;
	int i;

	if (read(pipe_fd, &c, 1))
		return 1;
	for (i = 0; i < YIELDS; i++)
		sched_yield();
	return 0;
}

/* Has all of them start at the same time; counts in *@arg those that come to their end. */
static int crowd(void *arg)
{
	int i, status, fds[2], *ended = arg;
	pid_t pid;

	if (pipe(fds))
		return 1;
	for (i = 0; i < CROWD; i++) {
		pid = fork();
		if (pid < 0)
			return 1;
		if (pid)
			continue;
		close(fds[1]);
		_exit(one_of_the_crowd(fds[0]));
	}
	close(fds[1]);
	while (wait(&status) > 0)
		*ended += !status;
	return 0;
}

static void crowd_on_one_cpu(const char *args)
{
	struct wait_meter *meters = shared(2 * sizeof(*meters));
	int *ended = shared(sizeof(*ended));
	struct sched s = sched_load(args);
	pid_t pids[2];
	int i;

	diag("with options '%s':", args);
	for (i = 0; i < 2; i++)
		pids[i] = spawn(first_cpu(), 0, SCHED_OTHER, meter_waits, &meters[i]);
	all_go_on(pids, 2, SLICE_NS);
	for (i = 0; i < 2; i++)
		meters[i].since = now_ns();
	wait_for_end(spawn(last_cpu(), 0, SCHED_OTHER, crowd, ended), "the crowd to end");
	check(*ended == CROWD, "%d of %d came to their end", *ended, CROWD);
	for (i = 0; i < 2; i++) {
		check(meters[i].longest < 4 * SLICE_NS, "one of two waited for %llu ms",
		      (unsigned long long)meters[i].longest / 1000000);
		stop(pids[i]);
	}
	sched_stayed(&s);
	sched_unload(&s);
}

static void hogs_on_one_cpu(void)
{
	struct sched s = sched_load("-l -s 100000 --timeout-ms 1000");
	pid_t pids[HOGS];
	int i;

	for (i = 0; i < HOGS; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_OTHER);
	all_go_on(pids, HOGS, 2 * SLICE_NS);
	sched_stayed(&s);
	stop_all(pids, HOGS);
	sched_unload(&s);
}

SCX_TEST(userland_pinned, "many tasks bound to a CPU are in nobody's way", .only = "scx_userland")
{
	need_two_cpus();
	crowd_on_one_cpu("");
	crowd_on_one_cpu("-l");
	hogs_on_one_cpu();
}
