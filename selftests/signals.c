// SPDX-License-Identifier: GPL-2.0
/*
 * signals - a scheduler that is disturbed, at any moment of its life
 *
 * Promised: stopped, continued and told that its window has changed, again and again, it runs, or ends
 * with status 2 and one line if it does not get to load. Asked to end at any moment of its start it ends
 * with status 0, or of the signal if it came before it could know; asked many times at once, with
 * status 0. Nothing stays attached, and tasks go on. Since 6.12.
 */
#include "scx_test.h"

#define MSEC 1000000

static void wait_ns(u64 ns)
{
	const struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&ts, NULL);
}

/* Longer and longer, so that it is hit in many places */
static int disturb(void *arg)
{
	static const int sigs[] = { SIGSTOP, SIGWINCH, SIGCONT, SIGCONT, SIGWINCH, SIGURG };
	pid_t pid = *(pid_t *)arg;
	u64 i, pause = MSEC;

	for (i = 0; !kill(pid, sigs[i % ARRAY_SIZE(sigs)]); i++) {
		wait_ns(pause);
		pause += pause / 100;
	}
	return 0;
}

static void disturbed_at_start(void)
{
	struct sched s = sched_start("-i 0.01 --count 20");
	pid_t pest = spawn(ANY_CPU, 0, SCHED_OTHER, disturb, &s.pid);

	sched_ran(&s);
	wait_for_end(pest, "the disturber to see that it has ended");
}

static void disturbed_at_work(void)
{
	struct sched s = sched_load("-i 0.01");
	pid_t pest = spawn(ANY_CPU, 0, SCHED_OTHER, disturb, &s.pid);

	wait_for(count_lines(s.out, "=") >= 20, "reports");
	stop(pest);
	kill(s.pid, SIGCONT);
	sched_unload(&s);
}

static void asked_to_end_after(u64 ns, int times)
{
	static const int sigs[] = { SIGTERM, SIGINT, SIGHUP };
	struct sched s = sched_start("-i 0.01");
	int i, status;

	wait_ns(ns);
	for (i = 0; i < times; i++)
		kill(s.pid, sigs[i % ARRAY_SIZE(sigs)]);
	status = sched_end(&s);
	/* what is enabled knows for long what to do about them */
	check(status == 0 || (status > 128 && scx_read_seq("enable_seq") == s.seq), "status %d: %s",
	      status, text(s.err));
	check(!text(s.err)[0], "on stderr: %s", text(s.err));
	wait_for(kernel_state("disabled"), "the kernel to take over");
	sched_close(&s);
}

/* How long it takes from the start to the first report */
static u64 time_to_start(void)
{
	u64 start = now_ns();
	struct sched s = sched_load("-i 0.01");

	wait_for(count_lines(s.out, "=") > 0, "a report");
	start = now_ns() - start;
	sched_unload(&s);
	return start;
}

SCX_TEST(signals, "stopped, continued, asked to end at any moment: nothing stays attached")
{
	const int steps = is_long() ? 100 : 12;
	pid_t task = hog(ANY_CPU, 10, SCHED_OTHER);
	u64 ns = time_to_start();
	int i;

	disturbed_at_start();
	disturbed_at_work();
	/* the last ones when it runs */
	for (i = 0; i <= steps; i++)
		asked_to_end_after(ns * i / (steps - 4), i % 2 ? 1 : 30);
	all_go_on(&task, 1, SLICE_NS);
}
