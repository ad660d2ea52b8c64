// SPDX-License-Identifier: GPL-2.0
/*
 * lifecycle - a scheduler loads, reports, and goes when asked to
 *
 * Promised: it is enabled under its name and schedules every normal task; SIGINT, SIGTERM and
 * SIGHUP each end it with status 0 and a last line on stdout that says so; nothing goes to stderr;
 * the kernel's own scheduler is back in charge, and tasks go on. It does not wait for the next report
 * to end, and with -v shows what libbpf does. Where SIGHUP is ignored when it starts, as nohup(1) has
 * it, it goes on. Since 6.12.
 */
#include "scx_test.h"

static void ended_by(int sig, pid_t task)
{
	struct sched s = sched_load("-i 0.05");
	int status;

	check(on_scx(task), "a normal task is not scheduled by it");
	wait_for(count_lines(s.out, "=") > 0, "a report");
	kill(s.pid, sig);
	status = sched_end(&s);
	check(status == 0, "status %d after signal %d: %s", status, sig, text(s.err));
	check(count_lines(s.out, "EXIT: unregistered from user space") == 1,
	      "no word about its end: %s", text(s.out));
	check(!text(s.err)[0], "on stderr: %s", text(s.err));
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
	check(!on_scx(task), "it has ended, yet a task is still of sched_ext");
}

static void ends_at_once(void)
{
	struct sched s = sched_load("-v -i 86400");

	kill(s.pid, SIGTERM);
	check(sched_end(&s) == 0, "its status is not 0: %s", text(s.err));
	check(count_lines(s.err, "libbpf: ") > 0, "-v shows nothing of libbpf: %s", text(s.err));
	check(count_lines(s.out, "=") == 0, "a report: %s", text(s.out));
}

static void ignore_hangup(void *arg)
{
	(void)arg;
	signal(SIGHUP, SIG_IGN);
}

static void outlives_hangup(void)
{
	struct sched s = sched_start_spoiled(ignore_hangup, NULL, "-i 0.05");
	int seen;

	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
	kill(s.pid, SIGHUP);
	seen = count_lines(s.out, "=");
	wait_for(count_lines(s.out, "=") > seen + 1, "two more reports");
	sched_unload(&s);
}

SCX_TEST(lifecycle, "loads, is enabled under its name, reports, ends on request")
{
	pid_t task = hog(ANY_CPU, 0, SCHED_OTHER);
	u64 used;

	ended_by(SIGINT, task);
	ended_by(SIGTERM, task);
	ended_by(SIGHUP, task);
	ends_at_once();
	outlives_hangup();
	used = cpu_time(task);
	wait_for(cpu_time(task) > used + SLICE_NS, "a task to go on");
}
