// SPDX-License-Identifier: GPL-2.0
/*
 * userland_pids - PIDs are used again, tasks are not mixed up
 *
 * Promised: with so few PIDs that they are used again and again, and more tasks than user space may
 * know, short-lived processes under load all come to their end. Afterwards nobody is left of them in
 * user space, which knows those who come then, so that they get their shares by weight. Of 1,000
 * processes, or 20,000 with LONG=1 in the environment. Since 6.12.
 */
#include <dirent.h>
#include <sys/wait.h>
#include "userland.h"

#define PIDS		300	/* of 300 and more: those below the kernel gives only once */
#define PARENTS		4
#define CHILDREN	(is_long() ? 5000 : 250)	/* of each */
#define BATCH		25
#define MAX_TASKS	48

static int child(int nr)
{
	volatile int i;

	for (i = 0; i < 5000; i++)
		;
	if (nr % 2)
		sched_yield();
	return 0;
}

/* So many more than those of whom the tasks that are there keep theirs. */
static void leave_few_pids(void)
{
	char max[16];
	int nr = PIDS;
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	check(proc, "no /proc: %s", strerror(errno));
	while ((entry = readdir(proc)))
		nr += atoi(entry->d_name) >= 300;
	closedir(proc);
	snprintf(max, sizeof(max), "%d", 300 + nr);
	check(!set_for_test("/proc/sys/kernel/pid_max", max), "cannot set pid_max");
}

/* Counts in *@arg the children that came to their own end. */
static int parent(void *arg)
{
	int i, nr, status, *ended = arg;
	pid_t pid;

	for (nr = 0; nr < CHILDREN; nr += BATCH) {
		for (i = 0; i < BATCH; i++) {
			pid = fork();
			if (!pid)
				_exit(child(i));
			if (pid < 0)
				return 1;
		}
		while (wait(&status) > 0)
			if (!status)
				__atomic_add_fetch(ended, 1, __ATOMIC_RELAXED);
	}
	return 0;
}

SCX_TEST(userland_pids, "PIDs used again and again: nobody is mixed up or left over",
	 .only = "scx_userland")
{
	pid_t pids[PARENTS], hogs[2];
	int *ended = shared(sizeof(*ended));
	struct sched s;
	char args[64];
	int i;

	snprintf(args, sizeof(args), "-i 0.2 --max-tasks %d", MAX_TASKS);
	s = sched_load(args);
	hogs[0] = hog(last_cpu(), 0, SCHED_OTHER);
	leave_few_pids();
	for (i = 0; i < PARENTS; i++)
		pids[i] = spawn(ANY_CPU, 0, SCHED_OTHER, parent, ended);
	for (i = 0; i < PARENTS; i++)
		wait_for_end(pids[i], "processes to end");
	check(*ended == PARENTS * CHILDREN, "%d of %d came to their end", *ended,
	      PARENTS * CHILDREN);
	stop(hogs[0]);
	for (i = 0; i < 2; i++)
		hogs[i] = hog(last_cpu(), 5 * i, SCHED_OTHER);
	check_shares(hogs, (int[]){ 100, 33 }, 2);
	wait_for(counter(&s, "scheduled") <= 2, "user space to forget those who are gone");
	check(counter(&s, "queued") <= 2, "left over: %s", text(s.out));
	sched_stayed(&s);
	sched_unload(&s);
}
