// SPDX-License-Identifier: GPL-2.0
/*
 * userland_late - for how long an answer is waited for, and by whom it is given
 *
 * Promised: while the process is stopped, a task that nobody decides on waits for an answer as long as
 * --stale-ms says, and not much longer. A scheduler that was started on one CPU decides for the others
 * as well. With --batch 1 each decision is one that a CPU has asked for; with more, and many tasks
 * that wait, most are made ahead. Since 6.12.
 */
#include <sys/prctl.h>
#include "userland.h"

#define STALE_MS	300
#define CROWD		160	/* a sixteenth of them is more than a batch */
#define DECISIONS	2000

/* Waits for a byte, notes in *@arg when it runs again, and sleeps for good. */
struct late {
	int		fds[2];
	volatile u64	ran_at;
};

static int run_once(void *arg)
{
	struct late *l = arg;
	char c;

	if (read(l->fds[0], &c, 1) != 1)
		return 1;
	l->ran_at = now_ns();
	pause();
	return 0;
}

/* The task wakes up where a hog runs: when its turn is over, that CPU asks, and asks in vain. */
static void late_after(void)
{
	struct late *l = shared(sizeof(*l));
	struct sched s;
	pid_t pids[2];
	char args[64];
	u64 start;

	check(!pipe(l->fds), "pipe: %s", strerror(errno));
	snprintf(args, sizeof(args), "--stale-ms %d", STALE_MS);
	s = sched_load(args);
	pids[0] = hog(last_cpu(), 0, SCHED_OTHER);
	pids[1] = spawn(last_cpu(), 0, SCHED_OTHER, run_once, l);
	all_go_on(pids, 1, 2 * SLICE_NS);
	halt(&s);
	start = now_ns();
	check(write(l->fds[1], "x", 1) == 1, "write: %s", strerror(errno));
	wait_for(l->ran_at, "a task that nobody decides on");
	diag("after %llu ms", (unsigned long long)(l->ran_at - start) / 1000000);
	check(l->ran_at - start > STALE_MS * 900000ULL && l->ran_at - start < STALE_MS * 1500000ULL,
	      "with %s", args);
	kill(s.pid, SIGCONT);
	stop_all(pids, 2);
	sched_unload(&s);
}

static void decides_elsewhere(void)
{
	pid_t pids[3];
	struct sched s;
	u64 before, fallback;
	int i;

	pin(first_cpu());
	s = sched_load("-i 0.1");
	pin(ANY_CPU);
	for (i = 0; i < 3; i++)
		pids[i] = hog(i ? last_cpu() : first_cpu(), 0, SCHED_OTHER);
	all_go_on(pids, 3, SLICE_NS);
	before = counter(&s, "user_disp");
	fallback = counter(&s, "fallback_disp");
	wait_for(counter(&s, "user_disp") > before + 15, "user space to decide");
	check(counter(&s, "fallback_disp") - fallback < 5, "the kernel side decides: %s",
	      text(s.out));
	stop_all(pids, 3);
	sched_unload(&s);
}

/* When the pipe is closed, do nothing but yield. */
static int yielder(int pipe_fd)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(pipe_fd, &c, 1))
		return 1;
	for (;;)
		sched_yield();
}

/* Has all of them start at the same time. */
static int crowd(void *arg)
{
	volatile bool *complete = arg;
	int i, fds[2];

	if (pipe(fds))
		return 1;
	for (i = 0; i < CROWD; i++) {
		if (fork())
			continue;
		close(fds[1]);
		_exit(yielder(fds[0]));
	}
	close(fds[1]);
	*complete = true;
	pause();
	return 0;
}

/* How many of a hundred decisions were asked for? */
static u64 asked_with(const char *args)
{
	volatile bool *complete = shared(sizeof(*complete));
	struct sched s = sched_load(args);
	pid_t pid = spawn(ANY_CPU, 0, SCHED_OTHER, crowd, (void *)complete);
	const char *line;
	u64 decided, asked;

	wait_for(*complete, "a crowd");
	line = last_report(&s);
	decided = counter_in(line, "user_disp");
	asked = counter_in(line, "congested");
	wait_for(counter(&s, "user_disp") > decided + DECISIONS, "user space to decide");
	line = last_report(&s);
	decided = counter_in(line, "user_disp") - decided;
	asked = counter_in(line, "congested") - asked;
	stop(pid);
	sched_unload(&s);
	diag("with %s, %llu of 100 decisions were asked for", args,
	     (unsigned long long)(asked * 100 / decided));
	return asked * 100 / decided;
}

SCX_TEST(userland_late, "--stale-ms, --batch, and started on one CPU: who waits for an answer",
	 .only = "scx_userland")
{
	need_two_cpus();
	late_after();
	decides_elsewhere();
	check(asked_with("-i 0.05 -b 1") > 90, "with --batch 1 there are decisions ahead");
	check(asked_with("-i 0.05 -b 8") < 50, "with --batch 8 there are not");
}
