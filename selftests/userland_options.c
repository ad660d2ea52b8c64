// SPDX-License-Identifier: GPL-2.0
/*
 * userland_options - what its options promise
 *
 * Promised: a turn lasts as long as -s says, and no longer than a second whatever the policy says; beyond
 * --max-tasks tasks run without user space, and all go on; with -l tasks that may run on one CPU only are
 * not announced; with -n it runs, also where there are no nodes to tell apart, and says in a line if the
 * kernel cannot; a policy that is not there, slices that do not fit, and more tasks than there is memory
 * for, are refused in a line. Since 6.12.
 */
#include "userland.h"

/* Hogs go on, on any CPU and bound to one; how many tasks were announced meanwhile? */
static u64 announced_with(const char *args, int cpu)
{
	struct sched s = sched_load(args);
	int reports;
	u64 nr;
	pid_t pids[4];
	int i;

	diag("with options '%s':", args);
	for (i = 0; i < 4; i++)
		pids[i] = hog(cpu, 0, SCHED_OTHER);
	all_go_on(pids, 4, SLICE_NS);
	nr = counter(&s, "user_enq");
	all_go_on(pids, 4, 4 * SLICE_NS);
	reports = count_lines(s.out, "user_enq=");
	wait_for(count_lines(s.out, "user_enq=") > reports, "a report");
	nr = counter(&s, "user_enq") - nr;
	check(counter(&s, "online") == (u64)nr_cpus(), "CPUs online: %s", text(s.out));
	/* who writes the report does */
	check(counter(&s, "running") > 0 && counter(&s, "running") <= (u64)nr_cpus(), "tasks that run: %s",
	      text(s.out));
	stop_all(pids, 4);
	kill(s.pid, SIGTERM);
	check(!sched_end(&s), "its status is not 0: %s", text(s.err));
	wait_for(kernel_state("disabled"), "the kernel to take over");
	return nr;
}

/*
 * A turn ends with a tick, of 10 ms at most. Who makes room for a kernel thread meanwhile is counted twice,
 * a dozen times a second on some kernels.
 */
static void check_slice(void)
{
	struct sched s = sched_load("-s 100000");
	pid_t pids[2];
	u64 ran, nr;
	int i;

	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_OTHER);
	all_go_on(pids, 2, 6 * SLICE_NS);
	ran = cpu_time(pids[0]);
	nr = task_turns(pids[0]);
	run_for(pids, 2, 120 * SLICE_NS);
	ran = cpu_time(pids[0]) - ran;
	nr = task_turns(pids[0]) - nr;
	diag("%llu turns in %llu ms", (unsigned long long)nr, (unsigned long long)ran / 1000000);
	if (!nr)
		diag("this kernel has no /proc/PID/schedstat: CONFIG_SCHED_INFO");
	check(!nr || (ran / nr > 2 * SLICE_NS && ran / nr < 6 * SLICE_NS), "a turn of 100 ms lasts %llu us",
	      (unsigned long long)(ran / nr / 1000));
	for (i = 0; i < 2; i++)
		stop(pids[i]);
	sched_unload(&s);
}

/*
 * For nice -20, deadline wants 89 times the shortest slice, so that the watchdog would see the other hog
 * wait for 9 s. It is next when it has waited for half of the watchdog's time, and that turn is over.
 */
static void check_longest_slice(void)
{
	struct sched s = sched_load("--policy deadline -s 100000 -S 100000 --timeout-ms 4000");
	struct wait_meter *meter = shared(sizeof(*meter));
	pid_t pids[2];

	pids[0] = hog(last_cpu(), -20, SCHED_OTHER);
	pids[1] = spawn(last_cpu(), 0, SCHED_OTHER, meter_waits, meter);
	wait_for(meter->longest > 900000000, "a hog to wait for a turn of nice -20");
	diag("waited for %llu ms", (unsigned long long)meter->longest / 1000000);
	sched_stayed(&s);
	stop_all(pids, 2);
	sched_unload(&s);
}

/* text() leaves such lines out. */
static bool goes_without(const struct sched *s, const char *what)
{
	char err[4096] = "";

	return pread(s->err, err, sizeof(err) - 1, 0) > 0 && strstr(err, what) &&
	       strstr(err, ": going without\n");
}

static void numa_in_a_line(void)
{
	struct sched s = sched_load("-n");

	check(goes_without(&s, "SCX_OPS_BUILTIN_IDLE_PER_NODE") == !knows_nodes(),
	      "with -n, what it goes without is wrong");
	sched_unload(&s);
}

static void must_refuse(const char *args, int status, const char *words)
{
	struct sched s = sched_start(args);

	check(sched_end(&s) == status, "'%s' was not refused: %s", args, text(s.err));
	check_one_line(s.err, words);
}

/* As many tasks as there may be, where there is no memory for them; with more it would be no test. */
static void too_many_tasks(void)
{
	if ((u64)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) <= 1ULL << 30)
		must_refuse("--max-tasks 4194304", 2, "MB of memory");
}

SCX_TEST(userland_options, "--max-tasks, -l, -n and others do what they say", .only = "scx_userland")
{
	u64 nr;

	check_slice();
	check_longest_slice();
	nr = announced_with("-i 0.1 --max-tasks 1", last_cpu());
	check(nr < 10, "%llu announcements with --max-tasks 1", (unsigned long long)nr);
	nr = announced_with("-i 0.1", last_cpu());
	check(nr >= 10, "%llu announcements", (unsigned long long)nr);
	nr = announced_with("-i 0.1 -l", last_cpu());
	check(nr < 10, "%llu announcements with -l", (unsigned long long)nr);
	nr = announced_with("-i 0.1 -n -b 1 -s 5000 -S 2000 -D 1000 --policy deadline", ANY_CPU);
	check(nr >= 10, "%llu announcements with -n", (unsigned long long)nr);
	numa_in_a_line();
	must_refuse("--policy nobody", 1, "no policy 'nobody'");
	must_refuse("-s 1000 -S 2000", 1, "--slice-us-min");
	must_refuse("--stale-ms 501 --timeout-ms 1000", 1, "--stale-ms");
	too_many_tasks();
}
