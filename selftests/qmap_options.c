// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_options - what scx_qmap shows and keeps from happening
 *
 * Promised: -P prints queues, of all and of a CPU, and events, and -M cgroups and CPUs, to the trace
 * pipe, in the order of what was done, and goes without what the kernel does not tell, in a line; CPUs
 * come and go without a restart; -s is the length of a slice; a task that is alone on its CPU keeps it;
 * -d forbids the tasks that a process has the policy SCHED_EXT, and it may start more threads; -b is how
 * many tasks a CPU takes at once; SysRq-D dumps the queues and ejects nobody. Since 6.12.
 */
#include <pthread.h>
#include <sys/stat.h>
#include "qmap.h"

#define CGROUP		"/sys/fs/cgroup/"
#define DUMP_TRACE	"/sys/kernel/tracing/events/sched_ext/sched_ext_dump/enable"

/* Who prints leaves a line on stderr where the kernel has not all of it: it names what is missing. */
static void finish(struct sched *s, const char *missing)
{
	int lines;

	kill(s->pid, SIGTERM);
	check(!sched_end(s), "it did not end well: %s", text(s->err));
	lines = count_lines(s->err, "");
	check(lines <= 1 && count_lines(s->err, missing) == lines, "on stderr: %s", text(s->err));
}

static void print_queues(void)
{
	int i, nr = 2 * nr_cpus();
	struct sched s;
	pid_t pids[2 * nr];
	char own[32];

	clear_trace();
	for (i = 0; i < 2 * nr; i++)
		pids[i] = hog(i < nr ? ANY_CPU : last_cpu(), 0, SCHED_OTHER);
	snprintf(own, sizeof(own), "queue 2, cpu %d: ", last_cpu());
	s = sched_load("-P -i 0.05");
	wait_for(in_trace("queue 2: ") && in_trace(own) && in_trace("  runner["), "the queues");
	wait_for(in_trace("events: select_cpu_fallback="), "the events");
	stop_all(pids, 2 * nr);
	finish(&s, "counts no events");
}

static void *nothing(void *arg)
{
	return arg;
}

/* Starts threads one after the other, and counts them. */
static int start_threads(void *arg)
{
	volatile u64 *nr = arg;
	pthread_t thread;

	while (!pthread_create(&thread, NULL, nothing, NULL) && !pthread_join(thread, NULL))
		++*nr;
	return 1;
}

static void expect(const char *fmt, int id, int pid)
{
	static char line[64];	/* on_limit() of the runner may say it */

	snprintf(line, sizeof(line), fmt, id, pid);
	wait_for(in_trace(line), line);
}

static int join(const char *group, pid_t pid)
{
	char line[16];

	snprintf(line, sizeof(line), "%d", pid);
	return write_file(group, line);
}

/* What newer kernels tell of a cgroup as well; the files are there only if they are so configured. */
static bool set_limit(const char *op, const char *file, const char *value)
{
	int err;

	if (!__COMPAT_struct_has_field("sched_ext_ops", op))
		return false;
	err = write_file(file, value);
	check(!err || err == -ENOENT, "cannot write to %s: %s", file, strerror(-err));
	return !err;
}

static void change_limits(int id)
{
	if (set_limit("cgroup_set_bandwidth", CGROUP "qmap/cpu.max", "50000 100000"))
		expect("cgroup %d set bandwidth 50000 of 100000 us", id, 0);
	if (set_limit("cgroup_set_idle", CGROUP "qmap/cpu.idle", "1"))
		expect("cgroup %d set idle 1", id, 0);
}

/* Each comes after the one before it. */
static void check_in_order(int id, int pid)
{
	char lines[7][64];
	long at = -1, next;
	int i;

	snprintf(lines[0], sizeof(lines[0]), "cgroup %d init", id);
	snprintf(lines[1], sizeof(lines[1]), "cgroup 1 prepare move of %d to %d", pid, id);
	snprintf(lines[2], sizeof(lines[2]), "cgroup 1 move of %d to %d", pid, id);
	snprintf(lines[3], sizeof(lines[3]), "cgroup %d set weight 50", id);
	snprintf(lines[4], sizeof(lines[4]), "cgroup %d prepare move of %d to 1", id, pid);
	snprintf(lines[5], sizeof(lines[5]), "cgroup %d move of %d to 1", id, pid);
	snprintf(lines[6], sizeof(lines[6]), "cgroup %d exit", id);
	for (i = 0; i < 7; i++, at = next) {
		next = place_in_trace(lines[i]);
		check(next > at, "'%s' is not where it should be", lines[i]);
	}
}

static void change_cgroups(void)
{
	pid_t pid = napper();
	struct stat st;
	int id;

	if (!__COMPAT_struct_has_field("sched_ext_ops", "cgroup_init") ||
	    !has_cpu_controller()) {
		diag("this kernel has no cgroups for sched_ext");
		return;
	}
	rmdir(CGROUP "qmap");	/* a run that failed may have left it */
	check(!mkdir(CGROUP "qmap", 0755) && !stat(CGROUP "qmap", &st), "cannot make a cgroup");
	id = st.st_ino;
	check(!join(CGROUP "qmap/cgroup.procs", pid), "cannot move a task");
	check(!write_file(CGROUP "qmap/cpu.weight", "50"), "cannot set a weight");
	change_limits(id);
	check(!join(CGROUP "cgroup.procs", pid), "cannot move it back");
	stop(pid);
	check(!rmdir(CGROUP "qmap"), "cannot remove the cgroup");
	expect("cgroup %d init, weight 100", id, 0);
	expect("cgroup 1 prepare move of %d to", pid, 0);
	expect("cgroup 1 move of %d to", pid, 0);
	expect("cgroup %d set weight 50", id, 0);
	expect("cgroup %d move of %d", id, pid);
	expect("cgroup %d exit", id, 0);
	check_in_order(id, pid);
}

/* Who is not in this kernel is named in a line on stderr, which text() leaves out. */
static void check_going_without(const struct sched *s, const char *member)
{
	bool is_there = __COMPAT_struct_has_field("sched_ext_ops", member);
	char err[4096] = "", *at;

	check(pread(s->err, err, sizeof(err) - 1, 0) >= 0, "cannot read stderr");
	at = strstr(err, "this kernel's sched_ext lacks ");
	check(!(at && strstr(at, member)) == is_there, "%s is%s there, on stderr: %s", member,
	      is_there ? "" : " not", err);
}

static void change_cpus(struct sched *s)
{
	int cpu = last_cpu();
	pid_t pid;

	if (!take_offline(cpu)) {
		diag("this kernel cannot take CPUs offline");
		return;
	}
	expect("cpu %d offline", cpu, 0);
	take_back(cpu);
	expect("cpu %d online", cpu, 0);
	pid = hog(cpu, 0, SCHED_OTHER);
	all_go_on(&pid, 1, SLICE_NS);
	stop(pid);
	sched_stayed(s);
}

static void messages(void)
{
	struct sched s;

	clear_trace();
	s = sched_load("-M");
	check_going_without(&s, "cgroup_set_bandwidth");
	check_going_without(&s, "cgroup_set_idle");
	change_cgroups();
	change_cpus(&s);
	finish(&s, "ops.cgroup_");
}

/* Two hogs take turns as long as the slice, and one alone keeps its CPU. */
static void check_slices(void)
{
	struct sched s = sched_load("-s 5000");
	u64 before[NR_QUEUES], after[NR_QUEUES], start, idle, ran;
	pid_t pids[2];
	int i, cpu = last_cpu();

	for (i = 0; i < 2; i++)
		pids[i] = hog(cpu, 0, SCHED_OTHER);
	run_for(pids, 2, 10 * SLICE_NS);
	read_taken(before, cpu);
	ran = run_for(pids, 2, 50 * SLICE_NS) / (5 * 1000 * 1000);
	read_taken(after, cpu);
	start = after[2] - before[2];
	check(start > ran / 2 && start < 2 * ran, "%llu turns in the time of %llu slices",
	      (unsigned long long)start, (unsigned long long)ran);

	stop(pids[1]);
	start = map_counter("kept", cpu);
	idle = idle_time(cpu);
	ran = run_for(pids, 1, 50 * SLICE_NS);
	idle = idle_time(cpu) - idle;
	check(idle < ran / 10, "the CPU was idle for %.0f %%", 100.0 * idle / ran);
	check(map_counter("kept", cpu) - start > 20, "it stayed %llu times",
	      (unsigned long long)(map_counter("kept", cpu) - start));
	stop(pids[0]);
	sched_unload(&s);
}

static void disallow(void)
{
	volatile u64 *threads = shared(sizeof(*threads));
	pid_t mine = spawn(ANY_CPU, 0, SCHED_OTHER, start_threads, (void *)threads);
	pid_t other = napper();
	char args[32];
	struct sched s;
	u64 before;

	snprintf(args, sizeof(args), "-p -d %d", mine);
	s = sched_load(args);
	check(set_policy(mine, SCHED_EXT) == -EACCES, "a disallowed process may choose SCHED_EXT");
	check(!set_policy(other, SCHED_EXT), "another process may not choose SCHED_EXT");
	before = *threads;
	wait_for(*threads > before + 10, "the disallowed process to start threads");
	sched_stayed(&s);
	sched_unload(&s);

	s = sched_load("-p -d -1");
	check(set_policy(s.pid, SCHED_EXT) == -EACCES, "the loader may choose SCHED_EXT");
	check(!set_policy(mine, SCHED_EXT), "-d of the run before still holds");
	sched_unload(&s);
}

/* Returns how many times. */
static int dump_says(const char *what)
{
	clear_trace();
	check(!write_file("/proc/sysrq-trigger", "D"), "no SysRq");
	return in_trace(what);
}

/* A task in the local queue of a CPU, as the kernel's dumps show it. */
#define IN_LOCAL "dsq_id=0x8000000000000002"

/* Five hogs can run on one CPU only: it takes four, so that three wait behind the first. */
static void check_batch(void)
{
	struct sched s;
	pid_t pids[5];
	int i;

	for (i = 0; i < 5; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_OTHER);
	s = sched_load("-b 4");
	wait_for(dump_says(IN_LOCAL) == 3, "three tasks in a local queue");
	stop_all(pids, 5);
	sched_unload(&s);
}

/* In the long run the average weight is that of who is always there, and the speed follows. */
static void check_speed(int nice, const char *shown)
{
	pid_t pid = hog(last_cpu(), nice, SCHED_OTHER);

	all_go_on(&pid, 1, 25 * SLICE_NS);
	wait_for(dump_says(shown), shown);
	stop(pid);
}

static void sysrq_dump(void)
{
	struct sched s = sched_load("");

	hog(first_cpu(), 0, SCHED_OTHER);	/* only who is runnable is dumped */
	wait_for(dump_says("queue 0: 0 tasks") && in_trace("takes "), "the dump");
	check_speed(-20, "weight 8668, speed 1024");
	check_speed(19, "weight 1, speed 0");
	sched_stayed(&s);
	sched_unload(&s);
}

SCX_TEST(qmap_options, "-P, -M, -s, -d, -b, hotplug without a restart, dumps on SysRq-D",
	 .only = "scx_qmap")
{
	print_queues();
	messages();
	check_slices();
	disallow();
	if (set_for_test(DUMP_TRACE, "1")) {
		diag("this kernel has no trace of dumps");
		return;
	}
	sysrq_dump();
	check_batch();
}
