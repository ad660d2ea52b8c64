// SPDX-License-Identifier: GPL-2.0
/*
 * soak - whatever happens, in whatever order, every task goes on and a scheduler is there
 *
 * Promised: while a crowd of tasks works, things happen in an order that a seed decides: many tasks are
 * changed, moved between cgroups, forked; a CPU goes offline and comes back; the scheduler's process
 * is stopped, killed, asked to end, with another one started after it; SysRq-S ejects it; the machine
 * is suspended. After each of these every task goes on. Since 6.12.
 *
 * It takes STEPS steps, or as many as 'make soak' asks for, by the environment:
 *
 *	SOAK_SECONDS=N	how long, by the machine's own clock; suspends the machine as well
 *	SOAK_SEED=N	another order; the same one, the same steps
 *	SOAK_SCHEDS=...	schedulers, separated by blanks, that take turns
 *
 * Each step is in the kernel's log before it begins, so that what the kernel complains of there tells of
 * which step it comes.
 */
#include "scx_test.h"
#include "crowd.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define STEPS		12
#define CHANGES		50
#define FORKS		100
#define CGROUPS		2
#define CGROUP_ROOT	"/sys/fs/cgroup/"

static unsigned int seed = 1;
static struct sched s;

/* With what options the schedulers of the suite are started, at random. */
static const struct { const char *sched, *options; } starts[] = {
	{ "scx_simple", "-f" },
	{ "scx_central", "-s 5000" },
	{ "scx_qmap", "-s 5000" },
	{ "scx_qmap", "-H" },
	{ "scx_userland", "--policy deadline" },
	{ "scx_userland", "-b 1 -l" },
};

static const char *options(void)
{
	int nth = rand_r(&seed) % ARRAY_SIZE(starts);

	return strcmp(starts[nth].sched, sched_name()) ? "" : starts[nth].options;
}

/* One of those who take turns. */
static void choose_sched(void)
{
	const char *list = getenv("SOAK_SCHEDS");
	char copy[256], *word, *words[16];
	int nr = 0;

	if (!list)
		return;
	snprintf(copy, sizeof(copy), "%s", list);
	for (word = strtok(copy, " "); word && nr < 16; word = strtok(NULL, " "))
		words[nr++] = word;
	if (nr)
		snprintf(sched_command, sizeof(sched_command), "%s", words[rand_r(&seed) % nr]);
}

static void load(void)
{
	choose_sched();
	s = sched_load(options());
}

/* The scheduler has ended; so do tasks go on without one, and with the next. */
static void load_next(void)
{
	wait_for(kernel_state("disabled"), "the kernel to take over");
	close(s.out);
	close(s.err);
	crowd_goes_on();
	load();
}

/* What happens. Each returns false if it cannot, here. */

static bool tasks_change(void)
{
	int i;

	for (i = 0; i < CHANGES; i++) {
		crowd_change(&seed);
		if (i % 10 == 0)
			nap();
	}
	crowd_settle();
	return true;
}

static int live_shortly(void *arg __attribute__((unused)))
{
	return 0;
}

static bool tasks_fork(void)
{
	pid_t pids[FORKS];
	int i;

	for (i = 0; i < FORKS; i++)
		pids[i] = spawn(i % 4 ? ANY_CPU : last_cpu(), rand_r(&seed) % 20, SCHED_OTHER,
				live_shortly, NULL);
	for (i = 0; i < FORKS; i++)
		wait_for_end(pids[i], "a task that has nothing to do to end");
	return true;
}

static void move_to_cgroup(const char *name, pid_t pid)
{
	char path[64], line[16];

	snprintf(path, sizeof(path), CGROUP_ROOT "%s/cgroup.procs", name);
	snprintf(line, sizeof(line), "%d", pid);
	check(!write_file(path, line), "cannot move %d to cgroup '%s'", pid, name);
}

/* Weights from 1 to 10000. */
static void make_cgroup(const char *name)
{
	char path[64], line[16];

	snprintf(path, sizeof(path), CGROUP_ROOT "%s", name);
	check(!mkdir(path, 0755) || errno == EEXIST, "mkdir %s: %s", path, strerror(errno));
	snprintf(path, sizeof(path), CGROUP_ROOT "%s/cpu.weight", name);
	snprintf(line, sizeof(line), "%d", rand_r(&seed) % 10000 + 1);
	check(!write_file(path, line), "cannot give cgroup '%s' a weight", name);
}

static bool tasks_move_to_cgroups(void)
{
	static const char * const names[CGROUPS] = { "soak-a", "soak-b" };
	pid_t moved[CHANGES];
	char path[64];
	int i;

	if (!has_cpu_controller())
		return false;
	for (i = 0; i < CGROUPS; i++)
		make_cgroup(names[i]);
	for (i = 0; i < CHANGES; i++) {
		moved[i] = crowd_member(&seed);
		move_to_cgroup(names[rand_r(&seed) % CGROUPS], moved[i]);
	}
	crowd_goes_on();
	for (i = 0; i < CHANGES; i++)
		move_to_cgroup("", moved[i]);
	for (i = 0; i < CGROUPS; i++) {
		snprintf(path, sizeof(path), CGROUP_ROOT "%s", names[i]);
		/* who has just been moved may still be counted */
		wait_for(!rmdir(path) || errno != EBUSY, "a cgroup to become empty");
	}
	return true;
}

static bool cpu_goes_offline(void)
{
	int cpu = last_cpu();

	if (nr_cpus() < 2 || !take_offline(cpu))
		return false;
	if (rand_r(&seed) % 2) {
		crowd_goes_on();
		wait_for(sched_runs(&s, 1), "the scheduler to be enabled again");
	}
	take_back(cpu);
	return true;
}

static bool loader_is_stopped(void)
{
	kill(s.pid, SIGSTOP);
	crowd_goes_on();
	kill(s.pid, SIGCONT);
	return true;
}

static bool loader_is_killed(void)
{
	kill(s.pid, SIGKILL);
	check(sched_end(&s) == 128 + SIGKILL, "the loader ended by itself: %s", text(s.err));
	load_next();
	return true;
}

static bool loader_ends(void)
{
	sched_unload(&s);
	load_next();
	return true;
}

static bool sysrq_ejects(void)
{
	int status;

	if (write_file("/proc/sysrq-trigger", "S"))
		return false;
	status = sched_end(&s);
	check(!sched_is_ours || status == 3, "ejected by SysRq-S, its status was %d", status);
	load_next();
	return true;
}

/* For a second, and only if the kernel can wake it up by itself: all tasks are frozen, and devices stopped. */
static bool machine_is_suspended(void)
{
	int err;

	if (!getenv("SOAK_SECONDS") || write_file("/sys/power/pm_test", "devices"))
		return false;
	write_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	err = write_file("/sys/power/state", "freeze");
	write_file("/sys/power/pm_test", "none");
	check(!err, "cannot suspend the machine: %s", strerror(-err));
	return true;
}

static const struct step {
	const char *what;
	bool (*happen)(void);
} steps[] = {
	{ "tasks change", tasks_change },
	{ "tasks fork", tasks_fork },
	{ "tasks move to cgroups", tasks_move_to_cgroups },
	{ "CPU goes offline", cpu_goes_offline },
	{ "loader is stopped", loader_is_stopped },
	{ "loader is killed", loader_is_killed },
	{ "loader ends", loader_ends },
	{ "SysRq-S", sysrq_ejects },
	{ "machine is suspended", machine_is_suspended },
};

/* To the kernel's log; and to the test's, for whoever sees it fail. */
static void announce(int nr, const char *what)
{
	char line[128];

	snprintf(line, sizeof(line), "soak: seed %s, step %d, %s: %s\n", getenv("SOAK_SEED") ?: "1", nr,
		 sched_name(), what);
	write_file("/dev/kmsg", line);
	diag("%.*s", (int)strcspn(line, "\n"), line);
}

/* In a VM whose time is virtual this is the time that passes outside, if the kernel knows it. */
static u64 clock_on_the_wall(void)
{
	char text[32];

	return scx_read_file("/sys/class/rtc/rtc0/since_epoch", text, sizeof(text)) > 0 ?
	       strtoull(text, NULL, 10) : now_ns() / 1000000000;
}

static void take_step(int nr)
{
	const struct step *step = &steps[rand_r(&seed) % ARRAY_SIZE(steps)];

	announce(nr, step->what);
	if (!step->happen())
		announce(nr, "not possible here");
	crowd_goes_on();
	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
}

SCX_TEST(soak, "whatever happens, in whatever order, every task goes on")
{
	const char *seconds = getenv("SOAK_SECONDS");
	u64 end = clock_on_the_wall() + strtoull(seconds ?: "0", NULL, 0);
	int nr;

	seed = strtoul(getenv("SOAK_SEED") ?: "1", NULL, 0);
	crowd_start();
	load();
	for (nr = 1; seconds ? clock_on_the_wall() < end : nr <= STEPS; nr++)
		take_step(nr);
	diag("%d steps", nr - 1);
	sched_unload(&s);
}
